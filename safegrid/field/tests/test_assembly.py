"""What contexts offer is found by itself; two of one name stop the start."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from safegrid.field import assembly
from safegrid.field.tests import stand


def module(**offered):
    return SimpleNamespace(__name__="somewhere", **offered)


def test_what_a_context_leaves_out_it_does_not_offer():
    offer = assembly.collect([module(FEEDS=stand.FEEDS), module()])
    assert ({*offer.feeds}, offer.kinds, offer.operations) == ({"sites", "cases"}, {}, {})


@pytest.mark.parametrize(
    "twice",
    [
        {"FEEDS": (replace(stand.FEEDS[0]),)},
        {"TASKS": (replace(stand.TASKS[0]),)},
        {"OPERATIONS": (replace(stand.OPERATIONS[0]),)},
    ],
)
def test_a_name_used_twice_stops_the_start(twice):
    with pytest.raises(ImproperlyConfigured, match="a second time"):
        assembly.collect([stand, module(**twice)])


def test_the_contexts_offers_fit_together():
    offer = assembly.collect(assembly.modules())
    assert {"me", "tasks"} <= offer.feeds.keys()
    assert all(name == operation.kind and operation.label for name, operation in offer.operations.items())
    assert all(name == kind.kind and kind.label for name, kind in offer.kinds.items())
