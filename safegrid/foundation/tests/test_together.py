"""Several querysets by one statement: the same rows, in the same order, as each finds alone."""

import pytest

from safegrid.foundation import together
from safegrid.foundation.scope import granted, grants_read_once
from safegrid.sites.models import Site, SiteContact


def seen(rows):
    return [{name: (type(value), value) for name, value in vars(row).items() if name != "_state"} for row in rows]


def test_the_rows_are_those_of_each_queryset_in_its_order(cast, django_assert_num_queries):
    assert cast.contact
    assert cast.shop
    here = {"county": cast.county}
    wanted = [
        SiteContact.objects.filter(**here).order_by("id"),  # phones are sealed
        Site.objects.filter(**here).order_by("-code")[:2],
        Site.objects.filter(pk__in=[], **here),
        Site.objects.filter(**here).only("id", "name").order_by("name"),
    ]
    alone = [list(one.all()) for one in wanted]
    assert alone[0]
    assert len(alone[1]) == 2
    with django_assert_num_queries(1):
        found = together.read(*wanted)
    assert [seen(rows) for rows in found] == [seen(rows) for rows in alone]


def test_what_is_no_row_of_its_own_table_is_refused(cast):
    with pytest.raises(ValueError, match="own columns"):
        together.read(SiteContact.objects.filter(county=cast.county).select_related("site"))


def test_nothing_asked_is_nothing_read(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert together.read(Site.objects.filter(pk__in=[], county=330521)) == [[]]


def test_grants_are_read_once_inside_only(cast, django_assert_num_queries):
    user, day = cast.grid_member, cast.grid.opened_on
    first = granted(user, "grid", day)
    with grants_read_once(), django_assert_num_queries(1):
        assert granted(user, "grid", day) == granted(user, "grid", day) == first
    with django_assert_num_queries(2):
        granted(user, "grid", day), granted(user, "grid", day)
