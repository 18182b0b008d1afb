"""Whether somebody sees a site that was just read is decided as the database would."""

import pytest

from safegrid.sites import access
from safegrid.sites.models import Site
from tests.cast import PEOPLE


@pytest.mark.parametrize("person", PEOPLE)
def test_of_a_row_the_answer_is_that_of_the_query(cast, person):
    cast.everything()
    cast.site.department_id = cast.fire.id
    cast.site.save()
    user, rows = getattr(cast, person), list(Site.objects.filter(county=cast.county))
    assert len(rows) > 2
    seen = {row.pk for row in rows if access.sees(user, (), row)} if user.holdings() else set()
    assert {row.pk for row in rows if access.sees_read(user, row)} == seen
