"""No page of the navigation, and no list behind it, asks the database more than twelve times (console's budget)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from safegrid.console.context import items
from tests.permissions.table import EVERYONE

BUDGET = 12
BEHIND = ("sites:change_list", "duties:gaps", "duties:conflicts", "grids:sites_without_grid", "notices:inbox")


def addresses():
    names = dict.fromkeys([*(item.url_name for item in items()), *BEHIND])
    for name in names:
        try:
            yield reverse(name)
        except NoReverseMatch:
            continue


@pytest.mark.parametrize("person", EVERYONE)
def test_pages_keep_to_their_number_of_queries(cast, person):
    cast.everything()
    client, over = cast.client(getattr(cast, person)), {}
    for address in addresses():
        if client.get(address, follow=True).status_code != 200:
            continue
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        reads = [one["sql"] for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]
        if len(reads) > BUDGET:
            over[address] = len(reads)
    assert over == {}
