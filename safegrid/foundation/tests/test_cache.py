"""A county's catalogue in memory: loaded once, never staler than promised, never wrong for the one who writes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from django.db import connections, transaction

from safegrid.foundation import cache as cache_module
from safegrid.foundation.cache import CountyCache, distrust_everything
from safegrid.foundation.models import CacheVersion

COUNTY, OTHER = 330521, 330523


class UndoneError(Exception):
    """Thrown to take a transaction back."""


def written(county=COUNTY):
    row = CacheVersion.objects.filter(county=county, name="test-content").first()
    return row.version if row else 0


def write(county=COUNTY, value=1):
    CacheVersion.objects.update_or_create(county=county, name="test-content", defaults={"version": value})


@pytest.fixture
def catalogue():
    loads = []

    def load(county):
        loads.append(county)
        return written(county)

    made = CountyCache("test-catalogue", load)
    made.loads = loads
    yield made
    cache_module._all.remove(made)


@pytest.fixture
def no_trust(monkeypatch):
    """Let the cache compare versions on every reading, as after three seconds."""
    monkeypatch.setattr(cache_module, "TRUSTED_SECONDS", 0.0)


@pytest.mark.django_db(transaction=True)
def test_it_loads_once_and_each_county_for_itself(catalogue):
    write(COUNTY, 5)
    assert [catalogue.get(COUNTY), catalogue.get(COUNTY), catalogue.get(OTHER)] == [5, 5, 0]
    assert catalogue.loads == [COUNTY, OTHER]


@pytest.mark.django_db(transaction=True)
def test_after_its_time_of_trust_it_loads_again_only_what_changed(catalogue, no_trust):
    catalogue.get(COUNTY)
    catalogue.get(COUNTY)
    assert catalogue.loads == [COUNTY]


@pytest.mark.django_db(transaction=True)
def test_caches_of_a_county_are_compared_together(catalogue, django_assert_num_queries):
    beside = CountyCache("test-beside", written)
    try:
        for one in (catalogue, beside):
            one.get(COUNTY)
        distrust_everything()
        with django_assert_num_queries(1):
            assert [catalogue.get(COUNTY), beside.get(COUNTY), catalogue.get(COUNTY)] == [0, 0, 0]
        write(value=5)
        CacheVersion.objects.update_or_create(county=COUNTY, name="test-beside", defaults={"version": 2})
        distrust_everything()
        assert catalogue.get(COUNTY) == 0  # its own version is as before
        assert beside.get(COUNTY) == 5
        assert catalogue.loads == [COUNTY]
    finally:
        cache_module._all.remove(beside)


@pytest.mark.django_db(transaction=True)
def test_the_writer_reads_its_own_change_before_and_after_the_commit(catalogue):
    assert catalogue.get(COUNTY) == 0
    with transaction.atomic():
        write(value=7)
        catalogue.changed(COUNTY)
        assert catalogue.get(COUNTY) == 7
        write(value=8)
        assert catalogue.get(COUNTY) == 8
    assert catalogue.get(COUNTY) == 8
    assert catalogue.get(COUNTY) == 8
    assert len(catalogue.loads) == 4  # before, twice inside, once after


@pytest.mark.django_db(transaction=True)
def test_a_change_outside_a_transaction_is_seen_at_once(catalogue):
    catalogue.get(COUNTY)
    write(value=3)
    catalogue.changed(COUNTY)
    assert catalogue.get(COUNTY) == 3


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_is_not_kept(catalogue):
    def change_and_fail():
        with transaction.atomic():
            write(value=9)
            catalogue.changed(COUNTY)
            assert catalogue.get(COUNTY) == 9
            raise UndoneError

    with pytest.raises(UndoneError):
        change_and_fail()
    assert catalogue.get(COUNTY) == 0


@pytest.mark.django_db(transaction=True)
def test_after_a_rollback_the_next_transaction_keeps_what_it_reads(catalogue):
    with suppress(UndoneError), transaction.atomic():
        catalogue.changed(COUNTY)
        raise UndoneError
    with transaction.atomic():
        assert [catalogue.get(COUNTY) for _ in range(3)] == [0, 0, 0]
    assert catalogue.loads == [COUNTY]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_is_forgotten_while_the_outer_change_is_not(catalogue):
    with transaction.atomic():
        write(value=4)
        catalogue.changed(COUNTY)
        with suppress(UndoneError), transaction.atomic():
            write(value=9)
            catalogue.changed(COUNTY)
            assert catalogue.get(COUNTY) == 9
            raise UndoneError
        assert catalogue.get(COUNTY) == 4
        with suppress(UndoneError), transaction.atomic():
            catalogue.changed(OTHER)
            raise UndoneError
        before = len(catalogue.loads)
        assert [catalogue.get(OTHER) for _ in range(2)] == [0, 0]
        assert len(catalogue.loads) == before + 1
    assert catalogue.get(COUNTY) == 4


@pytest.mark.django_db(transaction=True)
def test_another_process_notices_every_change_the_first_one_too(catalogue, no_trust):
    elsewhere = CountyCache("test-catalogue", written)
    try:
        for value in (1, 2, 3):
            elsewhere.get(COUNTY)
            write(value=value)
            catalogue.changed(COUNTY)
            assert elsewhere.get(COUNTY) == value
    finally:
        cache_module._all.remove(elsewhere)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_reader_in_another_thread_does_not_spoil_what_the_writer_reads(catalogue):
    def read_elsewhere():
        with closing(connections["default"]):
            return catalogue.get(COUNTY)

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        write(value=6)
        catalogue.changed(COUNTY)
        assert pool.submit(read_elsewhere).result() == 0
        assert catalogue.get(COUNTY) == 6
    assert catalogue.get(COUNTY) == 6


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_first_changes_at_once_both_are_counted(catalogue):
    def change():
        with closing(connections["default"]), transaction.atomic():
            catalogue.changed(COUNTY)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: change(), range(2)))
    assert catalogue._compared(COUNTY) >= 3
