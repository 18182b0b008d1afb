"""A member with a phone, and what the engine's tests offer to it."""

from __future__ import annotations

import pytest

from safegrid.field import assembly, own
from safegrid.field.tests import stand
from safegrid.field.tests.phone import Phone


@pytest.fixture
def offered(monkeypatch):
    """Let phones be offered what ``stand`` has, and nothing else."""
    monkeypatch.setattr(assembly, "modules", lambda: [own, stand])
    assembly.offer.cache_clear()
    yield assembly.offer()
    assembly.offer.cache_clear()


@pytest.fixture
def setting(cast, offered):
    _ = cast.kinds, cast.duty_rules, cast.site, cast.shop, cast.next_site, cast.town_officer, cast.lead_officer
    return cast


@pytest.fixture
def phone(setting):
    """A signed-in phone of the member of ``cast.grid``."""
    return Phone(setting).signed_in()
