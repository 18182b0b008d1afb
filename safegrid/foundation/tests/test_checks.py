"""Each data rule has a check that stops the start; models made for the purpose break one rule each."""
# ruff: noqa: E501 - a table reads better on one line

import pytest
from django.core.checks import Tags, run_checks
from django.db import models
from django.test.utils import isolate_apps

from safegrid.accounts.models import User
from safegrid.foundation.keys import CountyForeignKey, CountyModel, LocalModel, ReferenceModel
from safegrid.foundation.keys.checks import broken_rules
from safegrid.foundation.models import TraceRow
from safegrid.sites.models import Industry, Site


def broken(model):
    return list(broken_rules(model))


def test_every_model_of_the_product_keeps_the_rules():
    assert [error for error in run_checks(tags=[Tags.models, "data_rules"]) if error.id == "safegrid.E001"] == []


@isolate_apps()
def test_a_model_that_keeps_the_rules_passes():
    class Good(CountyModel):
        site = CountyForeignKey(Site, related_name="+")
        industry = models.ForeignKey(Industry, models.PROTECT, related_name="+")
        user = models.ForeignKey(User, models.DO_NOTHING, db_constraint=False, related_name="+")
        code = models.CharField(max_length=10)

        class Meta:
            app_label = "foundation"
            constraints = [models.UniqueConstraint(fields=["county", "code"], name="good_once")]

    assert broken(Good) == []


def define(base, body, meta):
    """Make a model that exists only inside the test."""
    inner = type("Meta", (), {"app_label": "foundation", **meta})
    return type("Made", (base,) if isinstance(base, type) else base, {"__module__": __name__, "Meta": inner, **body()})


def char(**options):
    return models.CharField(max_length=10, **options)


def unique(*fields, **options):
    return {
        "constraints": [models.UniqueConstraint(*options.pop("expressions", ()), fields=fields, name="u", **options)]
    }


def expression(*expressions):
    return {"constraints": [models.UniqueConstraint(*expressions, name="u")]}


BROKEN = {
    "no kind": (models.Model, lambda: {"id": models.UUIDField(primary_key=True)}, {}, "derives from exactly one"),
    "two kinds": ((CountyModel, LocalModel), dict, {}, "derives from exactly one"),
    "own key": (models.Model, dict, {}, "primary key"),
    "unique column": (CountyModel, lambda: {"code": char(unique=True)}, {}, "unique=True"),
    "unique in a local table": (LocalModel, lambda: {"code": char(unique=True)}, {}, "unique=True"),
    "unique without county": (CountyModel, lambda: {"code": char()}, unique("code"), "contains county"),
    "unique expression": (CountyModel, lambda: {"code": char()}, expression(models.functions.Lower("code")), "contains county"),
    "unique together": (CountyModel, lambda: {"code": char(), "name": char()}, {"unique_together": {("code", "name")}}, "unique_together"),
    "many to many": (CountyModel, lambda: {"sites": models.ManyToManyField(Site, related_name="+")}, {}, "many-to-many"),
    "one to one": (CountyModel, lambda: {"site": models.OneToOneField(Site, models.DO_NOTHING, related_name="+")}, {}, "one-to-one"),
    "plain key": (CountyModel, lambda: {"site": models.ForeignKey(Site, models.PROTECT, related_name="+")}, {}, "CountyForeignKey"),
    "county key to reference": (CountyModel, lambda: {"industry": CountyForeignKey(Industry, related_name="+")}, {}, "CountyForeignKey"),
    "cascade": (CountyModel, lambda: {"industry": models.ForeignKey(Industry, models.CASCADE, related_name="+")}, {}, "deleted along"),
    "cascade between owned": (CountyModel, lambda: {"site": CountyForeignKey(Site, models.CASCADE, related_name="+")}, {}, "deleted along"),
    "set null": (CountyModel, lambda: {"industry": models.ForeignKey(Industry, models.SET_NULL, null=True, related_name="+")}, {}, "deleted along"),
    "user with constraint": (CountyModel, lambda: {"user": models.ForeignKey(User, models.DO_NOTHING, related_name="+")}, {}, "no database constraint"),
    "reference to owned": (ReferenceModel, lambda: {"site": models.ForeignKey(Site, models.PROTECT, related_name="+")}, {}, "only owned tables"),
    "local to owned": (LocalModel, lambda: {"site": models.ForeignKey(Site, models.PROTECT, related_name="+")}, {}, "only owned tables"),
    "key to high volume": (CountyModel, lambda: {"row": CountyForeignKey(TraceRow, related_name="+")}, {}, "high-volume"),
    "nullable county": (CountyModel, lambda: {"county": models.IntegerField(null=True)}, {}, "county is"),
    "plain manager": (CountyModel, lambda: {"objects": models.Manager()}, {}, "CountyQuerySet"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named(name):
    base, body, meta, words = BROKEN[name]
    with isolate_apps():
        model = define(base, body, meta)
        assert any(words in message for message in broken(model)), broken(model)


@isolate_apps()
def test_a_child_table_is_refused():
    class Special(Site):
        class Meta:
            app_label = "foundation"

    assert any("multi-table" in message for message in broken(Special))


@isolate_apps()
def test_an_automatic_table_is_refused():
    class Tagged(LocalModel):
        sites = models.ManyToManyField(Industry, related_name="+")

        class Meta:
            app_label = "foundation"

    assert any("many-to-many" in message for message in broken(Tagged.sites.through))
