"""The lists that the desk's counts open keep to the same number of queries as the pages of the navigation."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from safegrid.console import desk
from safegrid.console.tests.test_pages import MOST_QUERIES
from safegrid.foundation.cache import distrust_everything
from safegrid.grids.models import GridMember


@pytest.mark.parametrize("person", ["lead_officer", "leader", "town_officer", "fire_officer", "grid_member", "auditor"])
def test_no_list_behind_the_desk_asks_the_database_often(cast, person):
    cast.everything()
    user = getattr(cast, person)
    browser, over = cast.client(user), {}
    for tally in desk.counts(user, 0):
        page = browser.get(tally.url, follow=True).request
        address = f"{page['PATH_INFO']}?{page['QUERY_STRING']}"
        distrust_everything()
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        if len(work) > MOST_QUERIES:
            over[address] = work
    assert over == {}


@pytest.mark.parametrize("person", ["lead_officer", "town_officer", "fire_officer", "grid_member", "site_contact"])
def test_no_page_of_one_row_asks_the_database_often(cast, person):
    cast.everything()
    cast.site.department_id = cast.fire.id
    cast.site.save()
    member = GridMember.objects.get(county=cast.county, user_id=cast.grid_member.id)
    pages = [
        reverse("dossier:site", args=[cast.county, cast.site.id]), f"/sites/{cast.county}/{cast.site.id}/",
        f"/grids/{cast.county}/{cast.grid.id}/", f"/members/{cast.county}/{member.id}/",
    ]  # fmt: skip
    browser, opened, over = cast.client(getattr(cast, person)), 0, {}
    for address in pages:
        if browser.get(address).status_code != 200:
            continue  # not this role's page
        opened += 1
        distrust_everything()
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)
        work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        # A site's record asks every context above sites, each for what the reader may see there: two rounds by one question
        # each; whose scope lies in grants or in what a department supervises asks for these first.
        most = MOST_QUERIES + ("/dossier/" in address and person in ("fire_officer", "grid_member"))
        if len(work) > most:
            over[address] = work
    assert opened
    assert over == {}
