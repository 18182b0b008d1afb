"""The lists that the desk's counts open keep to the same number of queries as the pages of the navigation."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.console import desk
from safegrid.console.tests.test_pages import MOST_QUERIES


@pytest.mark.parametrize("person", ["lead_officer", "leader", "town_officer", "fire_officer", "grid_member", "auditor"])
def test_no_list_behind_the_desk_asks_the_database_often(cast, person):
    cast.everything()
    user = getattr(cast, person)
    browser, over = cast.client(user), {}
    for tally in desk.counts(user, 0):
        page = browser.get(tally.url, follow=True).request
        address = f"{page['PATH_INFO']}?{page['QUERY_STRING']}"
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        if len(work) > MOST_QUERIES:
            over[address] = work
    assert over == {}
