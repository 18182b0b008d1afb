"""The guard reads SQL as it is written for SQLite and PostgreSQL, and lets nothing through that names no county."""
# ruff: noqa: E501 - SQL reads better on one line

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery
from hypothesis import given
from hypothesis import strategies as st

from safegrid.foundation.keys import cross_county
from safegrid.foundation.keys.guard import CountyGuard, MissingCounty, owned_tables, tables_without_county
from safegrid.foundation.keys.sql import untied
from safegrid.orgs.models import Department, NamedOfficer
from safegrid.sites.models import Site, SiteContact

OWNED = frozenset({"a", "b"})

TIED = [
    'SELECT "a"."id" FROM "a" WHERE "a"."county" = %s',
    'SELECT "a"."id" FROM "a" WHERE ("a"."county" = 330521 AND "a"."name" LIKE %s) ORDER BY "a"."id" LIMIT 21',
    'SELECT "a"."id" FROM "a" WHERE "a"."county" IN (%s, %s, %s)',
    'SELECT "a"."id" FROM "a" WHERE %s = "a"."county"',
    'SELECT "a"."id" FROM "a" WHERE "a"."county" = (%s)::integer',
    "SELECT id FROM a WHERE county = %s",
    "SELECT x.id FROM public.a AS x WHERE x.county = %(county)s",
    'SELECT 1 FROM "a" INNER JOIN "b" ON ("a"."b_id" = "b"."id" AND ("a"."county" = "b"."county")) WHERE "b"."county" = %s',
    'SELECT 1 FROM "a" LEFT OUTER JOIN "b" T2 ON ("a"."b_id" = T2."id" AND (T2."county" = ("a"."county"))) WHERE "a"."county" = %s',
    'SELECT 1 FROM "a", "b" WHERE "a"."county" = %s AND "b"."county" = "a"."county"',
    'SELECT 1 FROM "a" WHERE (("a"."county" = %s AND "a"."town" = %s) OR "a"."county" = %s)',
    'SELECT 1 FROM "a" WHERE "a"."at" BETWEEN %s AND %s AND "a"."county" = %s',
    'SELECT 1 FROM "a" WHERE CASE WHEN "a"."x" = 1 AND "a"."y" = 2 THEN 1 ELSE 0 END = 1 AND "a"."county" = %s',
    'SELECT 1 FROM "a" WHERE "a"."county" = %s AND NOT EXISTS(SELECT 1 FROM "b" U0 WHERE (U0."county" = ("a"."county") AND U0."a_id" = ("a"."id")))',
    'SELECT COUNT(*) FROM (SELECT "a"."id" FROM "a" WHERE "a"."county" = %s) subquery',
    'UPDATE "a" SET "county_name" = %s WHERE ("a"."county" = %s AND "a"."id" = %s)',
    'UPDATE "a" AS x SET "n" = y."n" FROM "b" y WHERE x."county" = %s AND x."county" = y."county"',
    'DELETE FROM "a" WHERE "a"."county" = %s',
    'INSERT INTO "a" ("id", "county") VALUES (%s, %s)',
    'INSERT INTO "a" ("id") SELECT "b"."id" FROM "b" WHERE "b"."county" = %s',
    'WITH x AS (SELECT "id" FROM "a" WHERE "county" = %s) SELECT * FROM x',
    'SELECT 1 FROM "a" WHERE "a"."county" = %s UNION (SELECT 1 FROM "b" WHERE "b"."county" = %s)',
    'SELECT EXTRACT(YEAR FROM "a"."at") FROM "a" WHERE "a"."county" = %s FOR UPDATE OF "a"',
    'SELECT "other"."id" FROM "other"',
    'CREATE INDEX "x" ON "a" ("name")',
    "SAVEPOINT s1",
    "",
]
UNTIED = [
    ('SELECT "a"."id" FROM "a"', ("a",)),
    ('SELECT "a"."county" FROM "a" WHERE "a"."id" = %s', ("a",)),
    ('SELECT 1 FROM "a" WHERE ("a"."county" = %s OR "a"."name" = %s)', ("a",)),
    ('SELECT 1 FROM "a" WHERE NOT ("a"."county" = %s)', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" >= %s AND "a"."county" < %s', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" BETWEEN %s AND %s', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" <> %s', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" IS NOT NULL', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" = "a"."county"', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" = "a"."town_county" + %s', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" IN (SELECT "c"."county" FROM "c")', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."name" = \'"a"."county" = 330521\'', ("a",)),
    ('SELECT 1 FROM "a" INNER JOIN "b" ON ("a"."b_id" = "b"."id") WHERE "a"."county" = %s', ("b",)),
    ('SELECT 1 FROM "a" INNER JOIN "b" ON ("a"."county" = "b"."county")', ("a", "b")),
    ('SELECT 1 FROM "a" INNER JOIN "a" T2 ON ("a"."up" = T2."id") WHERE "a"."county" = %s', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" = %s AND EXISTS(SELECT 1 FROM "b" U0 WHERE U0."a_id" = ("a"."id"))', ("b",)),
    ('SELECT 1 FROM "a" WHERE EXISTS(SELECT 1 FROM "b" U0 WHERE U0."county" = %s AND "a"."county" = %s)', ("a",)),
    (
        'SELECT 1 FROM "a" WHERE "a"."county" = %s AND EXISTS(SELECT 1 FROM "b" U0 WHERE U0."county" = %s) '
        'AND EXISTS(SELECT 1 FROM "b" U0 WHERE U0."n" = %s)',
        ("b",),
    ),
    ('SELECT (SELECT MAX(U0."n") FROM "b" U0) FROM "a" WHERE "a"."county" = %s', ("b",)),
    ('SELECT COUNT(*) FROM (SELECT "a"."id" FROM "a") subquery', ("a",)),
    ('UPDATE "a" SET "county" = %s WHERE "a"."id" = %s', ("a",)),
    ('UPDATE "a" SET "n" = "b"."n" FROM "b" WHERE "a"."county" = %s AND "a"."b_id" = "b"."id"', ("b",)),
    ('DELETE FROM "a"', ("a",)),
    ('INSERT INTO "a" ("id") SELECT "b"."id" FROM "b"', ("b",)),
    ('WITH x AS (SELECT "id" FROM "a") SELECT * FROM x', ("a",)),
    ('SELECT 1 FROM "a" WHERE "a"."county" = %s UNION SELECT 1 FROM "b"', ("b",)),
    ('EXPLAIN SELECT "a"."id" FROM "a"', ("a",)),
    ("select a.id from a where id = %s", ("a",)),
]  # fmt: skip


@pytest.mark.parametrize("sql", TIED)
def test_a_statement_that_names_the_county_passes(sql):
    assert untied(sql, OWNED) == ()


@pytest.mark.parametrize(("sql", "tables"), UNTIED)
def test_a_statement_without_a_county_is_named_with_its_tables(sql, tables):
    assert untied(sql, OWNED) == tables


def conditions():
    leaf = st.sampled_from(['"a"."n" = %s', '"a"."county" > %s', '"a"."county" = %s'])
    return st.recursive(
        leaf, lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3))
    )


def text_of(condition):
    if isinstance(condition, str):
        return condition
    return "(" + f" {condition[0]} ".join(text_of(part) for part in condition[1]) + ")"


def always_names_county(condition):
    if isinstance(condition, str):
        return condition == '"a"."county" = %s'
    return (any if condition[0] == "AND" else all)(always_names_county(part) for part in condition[1])


@given(conditions())
def test_any_nesting_of_and_and_or_is_judged_by_logic(condition):
    sql = f'SELECT 1 FROM "a" WHERE {text_of(condition)}'
    assert (untied(sql, OWNED) == ()) is always_names_county(condition)


def test_owned_tables_are_known_and_others_are_not():
    assert {"sites_site", "foundation_tracerow"} <= owned_tables()
    assert not {"accounts_user", "regions_region", "sites_industry"} & owned_tables()


COUNTY = 330521

FINE = {
    "filter": lambda: NamedOfficer.objects.filter(county=COUNTY),
    "joined": lambda: NamedOfficer.objects.filter(county=COUNTY, department__name="应急管理局").select_related(
        "department"
    ),
    "reverse": lambda: Department.objects.filter(county=COUNTY, named_officers__name="张三").distinct(),
    "nullable": lambda: Department.objects.filter(county=COUNTY, named_officers__isnull=True),
    "several places": lambda: Site.objects.filter(Q(county=COUNTY, town="330521100") | Q(county=330522)),
    "sorted over a join": lambda: SiteContact.objects.filter(county=COUNTY).order_by("site__name"),
    "not exists": lambda: Department.objects.filter(
        ~Exists(NamedOfficer.objects.filter(county=OuterRef("county"), department=OuterRef("pk"))), county=COUNTY
    ),
    "subquery": lambda: Department.objects.filter(county=COUNTY).annotate(
        latest=Subquery(NamedOfficer.objects.filter(county=COUNTY, department=OuterRef("pk")).values("name")[:1])
    ),
    "counted": lambda: Department.objects.filter(county=COUNTY).annotate(n=F("named_officers__name")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("query", FINE.values(), ids=FINE)
def test_django_queries_that_name_the_county_run(query):
    assert list(query()) == []
    assert query().count() == 0


LACKING = {
    "no filter": lambda: list(Site.objects.all()),
    "by id": lambda: Site.objects.filter(id="00000000-0000-7000-8000-000000000000").exists(),
    "range": lambda: list(Site.objects.filter(county__gte=330000, county__lt=340000)),
    "one branch": lambda: list(Site.objects.filter(Q(county=COUNTY) | Q(town="330521100"))),
    "excluded": lambda: list(Site.objects.exclude(county=COUNTY)),
    "exists": lambda: list(
        Department.objects.filter(Exists(NamedOfficer.objects.filter(department=OuterRef("pk"))), county=COUNTY)
    ),
    "update": lambda: Site.objects.filter(town="330521100").update(name=""),
    "count": lambda: Site.objects.count(),
    "aggregate": lambda: Department.objects.filter(name="").values("role").distinct().count(),
}


@pytest.mark.django_db
@pytest.mark.parametrize("query", LACKING.values(), ids=LACKING)
def test_django_queries_without_a_county_fail(query):
    with pytest.raises(MissingCounty):
        query()


@pytest.mark.django_db
def test_inside_cross_county_a_range_is_allowed_and_outside_again_it_is_not():
    with cross_county("roll-up of the province"):
        assert not Site.objects.filter(county__gte=330000, county__lt=340000).exists()
    with pytest.raises(MissingCounty):
        Site.objects.filter(county__gte=330000, county__lt=340000).exists()


def test_cross_county_wants_a_reason():
    with pytest.raises(ValueError, match="why"), cross_county(""):
        pass


@pytest.mark.django_db
def test_the_guard_raises_before_the_statement_runs():
    Department.objects.create(county=COUNTY, code="yj", name="应急管理局")
    with connection.execute_wrapper(CountyGuard()), pytest.raises(MissingCounty), connection.cursor() as cursor:
        cursor.execute("UPDATE orgs_department SET name = 'x'")
    assert Department.objects.get(county=COUNTY).name == "应急管理局"


def test_long_value_lists_are_read_quickly():
    values = ", ".join(["%s"] * 5000)
    assert tables_without_county(f'SELECT 1 FROM "sites_site" WHERE "sites_site"."county" IN ({values})') == ()
