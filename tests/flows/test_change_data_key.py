"""A new data key: everything sealed is readable with it alone, however often the change was broken off."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import BinaryField, ExpressionWrapper, F

from safegrid.accounts.models import User
from safegrid.cases.models import Case
from safegrid.foundation import crypto, resealing
from safegrid.foundation.keys import cross_county
from safegrid.sites.models import Site, SiteContact

OLD, NEW = "11" * 32, "22" * 32


@pytest.fixture
def keys(settings):
    """Changes the keys of the installation: ``keys(present, before)``."""

    def change(present: str, before: str = "") -> None:
        settings.DATA_KEY, settings.OLD_DATA_KEY = present, before

    change(OLD)
    return change


@pytest.fixture
def sealed(keys, cast) -> dict[object, tuple[str, str]]:
    """What was sealed with the old key, by the row: accounts, and contacts in two counties. The column and its words."""
    for number, person in enumerate((cast.lead_officer, cast.outsider)):
        User.objects.filter(pk=person.pk).update(phone=f"1380000000{number}")
    here = cast.site
    there = Site.objects.create(county=330522, code="S-1", name="邻县化工", site_type="enterprise", town="330522100",
                                village="330522100001", created_at=here.created_at, updated_at=here.updated_at)  # fmt: skip
    contacts = [
        SiteContact.objects.create(
            county=site.county, site=site, name="孙某", phone=f"1390000000{number}", id_number=f"33052119800101{number:04}"
        )
        for number, site in enumerate((here, there))
    ]  # fmt: skip
    return {
        cast.lead_officer: ("phone", "13800000000"), cast.outsider: ("phone", "13800000001"),
        contacts[0]: ("phone", "13900000000"), contacts[1]: ("id_number", "330521198001010001"),
    }  # fmt: skip


def command() -> str:
    said = StringIO()
    call_command("change_data_key", stdout=said)
    return said.getvalue()


def words_in(sealed) -> dict[object, tuple[str, str]]:
    with cross_county("the test reads what it wrote"):
        return {row: (name, getattr(type(row).objects.get(pk=row.pk), name)) for row, (name, _) in sealed.items()}


def stored(row, name: str) -> bytes:
    as_it_is = ExpressionWrapper(F(name), output_field=BinaryField())
    with cross_county("the test reads what it wrote"):
        return bytes(type(row).objects.annotate(as_it_is=as_it_is).values_list("as_it_is", flat=True).get(pk=row.pk))


def test_everything_opens_with_the_new_key_alone_and_the_old_one_opens_nothing(keys, sealed):
    before = {row: stored(row, name) for row, (name, _) in sealed.items()}
    keys(NEW, OLD)
    assert words_in(sealed) == sealed, "people go on working while it changes"
    said = command()
    assert "本次重新加密 6 项，打不开 0 项" in said
    keys(NEW)
    assert words_in(sealed) == sealed
    assert all(stored(row, name) != before[row] for row, (name, _) in sealed.items())
    keys(OLD)
    with pytest.raises(ValueError, match="does not open"):
        words_in(sealed)


def test_a_change_that_was_broken_off_is_simply_begun_again(keys, sealed, monkeypatch):
    monkeypatch.setattr(resealing, "BATCH", 1)
    keys(NEW, OLD)

    def die_after_the_first(number: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resealing.reseal(SiteContact, "phone", die_after_the_first)
    assert "加密内容 6 项，本次重新加密 5 项" in command()
    assert "加密内容 6 项，本次重新加密 0 项" in command()
    keys(NEW)
    assert words_in(sealed) == sealed


def test_what_somebody_writes_meanwhile_is_not_overwritten(keys, sealed, monkeypatch):
    contact = next(row for row in sealed if isinstance(row, SiteContact))
    keys(NEW, OLD)
    seal = resealing.encrypt

    def after_another_has_written(words: str) -> bytes:
        SiteContact.objects.filter(county=contact.county, pk=contact.pk).update(phone="13700000000")
        return seal(words)

    monkeypatch.setattr(resealing, "encrypt", after_another_has_written)
    resealing.reseal(SiteContact, "phone")
    assert words_in({contact: ("phone", "")}) == {contact: ("phone", "13700000000")}


def test_a_value_that_no_key_opens_is_named_and_left_as_it_is(keys, sealed):
    contact = next(row for row in sealed if isinstance(row, SiteContact))
    keys("33" * 32)
    SiteContact.objects.filter(county=contact.county, pk=contact.pk).update(phone="13900000000")
    lost = stored(contact, "phone")
    keys(NEW, OLD)
    said = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("change_data_key", stdout=said)
    assert end.value.code == 1
    assert f"[打不开] sites_sitecontact.phone {contact.pk}" in said.getvalue()
    assert "本次重新加密 5 项，打不开 1 项" in said.getvalue()
    assert stored(contact, "phone") == lost


@pytest.mark.parametrize(("old", "words"), [("", "请先设置"), (NEW, "相同")])
def test_without_two_different_keys_nothing_is_begun(keys, db, old, words):
    keys(NEW, old)
    with pytest.raises(CommandError, match=words):
        command()


def test_every_sealed_column_of_the_installation_is_known():
    assert {(Case, "reporter_phone"), (User, "phone"), (SiteContact, "phone"), (SiteContact, "id_number")} <= set(
        resealing.sealed_columns()
    )


def test_something_too_short_to_be_sealed_opens_with_no_key(keys):
    with pytest.raises(ValueError, match="does not open"):
        crypto.decrypt(b"short")
