"""CountyModel and CountyForeignKey: county is in every join, descriptor, reverse manager and prefetch, and never changes."""

import copy
import pickle
from datetime import date

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch
from django.test.utils import CaptureQueriesContext

from safegrid.foundation.ids import uuid7
from safegrid.foundation.keys import CountyQuerySet, cross_county
from safegrid.foundation.models import TraceRow
from safegrid.orgs.models import Department, NamedOfficer
from safegrid.sites.models import RegisterDifference, RegisterExtract

pytestmark = pytest.mark.django_db
HERE, THERE = 330521, 330522
DAY = date(2026, 1, 1)


def department(county=HERE, code="yj", name="应急管理局"):
    return Department.objects.create(county=county, code=code, name=name)


def officer(parent, name="张三", **more):
    return NamedOfficer.objects.create(
        **{"county": parent.county, "department": parent, "name": name, "valid_from": DAY, **more}
    )


@pytest.fixture
def stray():
    """An officer here whose department is there: written past every check, as a slip or an intruder would."""
    parent = department(THERE, name="别县")
    row = NamedOfficer(county=HERE, department_id=parent.id, name="李四", valid_from=DAY)
    row.save()
    return row


def sql_of(action):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        action()
    return [query["sql"] for query in queries]


# Reading


def test_joins_match_county_too_forwards_and_backwards():
    for rows in (
        NamedOfficer.objects.filter(county=HERE, department__name="x"),
        NamedOfficer.objects.filter(county=HERE).select_related("department"),
        Department.objects.filter(county=HERE, named_officers__name="x"),
        Department.objects.filter(county=HERE).annotate(n=Count("named_officers")),
    ):
        (sql,) = sql_of(lambda rows=rows: list(rows))
        on = sql.split(" ON ")[1].split("WHERE")[0]
        assert on.count('"county"') == 2, sql


def test_a_parent_of_another_county_does_not_exist_for_any_read(stray):
    row = NamedOfficer.objects.get(county=HERE, id=stray.id)
    with pytest.raises(Department.DoesNotExist):
        _ = row.department
    assert not NamedOfficer.objects.filter(county=HERE, department__name="别县").exists()
    assert list(NamedOfficer.objects.filter(county=HERE).select_related("department")) == []
    parent = Department.objects.get(county=THERE)
    assert list(parent.named_officers.all()) == []
    assert parent.named_officers.count() == 0
    assert not Department.objects.filter(county=THERE, named_officers__name="李四").exists()


def test_prefetches_over_several_counties_match_county_row_by_row(stray):
    here, there = department(), Department.objects.get(county=THERE)
    mine, theirs = officer(here, "王五"), officer(there, "赵六")
    found = Department.objects.filter(county__in=[HERE, THERE]).prefetch_related("named_officers")
    assert {d.name: {o.id for o in d.named_officers.all()} for d in found} == {
        "应急管理局": {mine.id},
        "别县": {theirs.id},
    }
    officers = NamedOfficer.objects.filter(county__in=[HERE, THERE]).prefetch_related("department")
    known = {o.name: o._state.fields_cache.get("department") for o in officers}
    assert known["王五"].id == here.id
    assert known["赵六"].id == there.id
    assert known["李四"] is None


def test_both_prefetches_name_their_counties_and_need_one_query_each():
    officer(department())
    down = sql_of(lambda: list(Department.objects.filter(county=HERE).prefetch_related("named_officers")))
    up = sql_of(lambda: list(NamedOfficer.objects.filter(county=HERE).prefetch_related("department")))
    assert len(down) == len(up) == 2
    assert all(f'"county" IN ({HERE})' in queries[1] for queries in (down, up))


def test_a_prefetch_may_be_sliced_and_narrowed():
    parent = department()
    for name in ("甲", "乙", "丙"):
        officer(parent, name)
    rows = NamedOfficer.objects.filter(title="").order_by("-name")[:2]
    found = Department.objects.filter(county=HERE).prefetch_related(Prefetch("named_officers", rows, to_attr="latest"))
    assert len(found[0].latest) == 2


def test_reading_the_parent_of_a_child_names_the_county():
    child = officer(department())
    child = NamedOfficer.objects.get(county=HERE, id=child.id)
    (sql,) = sql_of(lambda: child.department)
    assert f'"county" = {HERE}' in sql


def test_the_reverse_manager_reads_creates_and_updates_in_the_parents_county():
    parent = department()
    made = parent.named_officers.create(name="张三", valid_from=DAY)
    same, created = parent.named_officers.get_or_create(name="张三", defaults={"valid_from": DAY})
    other, _ = parent.named_officers.update_or_create(name="李四", defaults={"valid_from": DAY, "title": "科长"})
    assert (made.county, same.id, created, other.county) == (HERE, made.id, False, HERE)
    assert parent.named_officers.filter(name="张三").update(title="局长") == 1
    assert parent.named_officers(manager="objects").count() == 2
    assert set(parent.named_officers.values_list("title", flat=True)) == {"局长", "科长"}


def test_rows_may_be_added_to_a_parent_of_their_county_only():
    parent, other = department(), department(code="b", name="乙局")
    child, foreign = officer(other), officer(department(THERE))
    parent.named_officers.add(child)
    assert parent.named_officers.get().id == child.id
    with pytest.raises(TypeError, match="belongs to county"):
        parent.named_officers.add(foreign)


def test_a_nullable_key_may_be_cleared():
    extract = RegisterExtract.objects.create(county=HERE, name="x", taken_on=DAY, compared_at="2026-01-01T00:00:00Z")
    row = RegisterDifference.objects.create(county=HERE, extract=extract, kind="new", name="x", found={}, site=None)
    row.refresh_from_db()
    assert row.site is None
    assert list(RegisterDifference.objects.filter(county=HERE, site__isnull=True)) == [row]


def test_not_exists_correlated_on_county_finds_the_childless():
    with_child, without = department(), department(code="b", name="乙局")
    officer(with_child)
    officers = NamedOfficer.objects.filter(county=HERE, department=OuterRef("pk"))
    assert list(Department.objects.filter(~Exists(officers), county=HERE)) == [without]


def test_exclude_across_a_reverse_relation_is_refused_with_what_to_write_instead():
    with pytest.raises(FieldError, match="~Exists"):
        Department.objects.filter(county=HERE).exclude(named_officers__name="x").exists()


def test_deferring_columns_never_defers_county():
    officer(department())
    row = NamedOfficer.objects.only("name").get(county=HERE)
    assert row.get_deferred_fields() >= {"title", "department_id"}
    assert "county" not in row.get_deferred_fields()
    assert row.title == ""
    row = NamedOfficer.objects.select_related("department").only("name", "department__name").get(county=HERE)
    assert row.department.level == "county"
    row = NamedOfficer.objects.defer("county", "title").get(county=HERE)
    assert row.get_deferred_fields() == {"title"}
    assert NamedOfficer.objects.defer("title").defer(None).get(county=HERE).get_deferred_fields() == set()


def test_a_raw_row_without_county_says_so():
    department()
    (row,) = Department.objects.raw("SELECT id FROM orgs_department WHERE county = %s", [HERE])
    with pytest.raises(TypeError, match="read county"):
        _ = row.name


def test_refreshing_reads_in_the_county():
    row = department()
    (sql,) = sql_of(row.refresh_from_db)
    assert f'"county" = {HERE}' in sql
    row.county = THERE
    with pytest.raises(Department.DoesNotExist):
        row.refresh_from_db()


def test_the_base_manager_of_every_owned_model_refuses_too():
    assert isinstance(Department._base_manager.all(), CountyQuerySet)
    assert isinstance(TraceRow._default_manager.all(), CountyQuerySet)


# Writing


def test_saving_updates_in_the_county_and_never_sets_it():
    row = department()
    row.name = "新名"
    (sql,) = sql_of(row.save)
    assert f'"county" = {HERE}' in sql.split("WHERE")[1]
    assert '"county"' not in sql.split("WHERE")[0]
    row.save(update_fields=["name"])
    assert Department.objects.get(county=HERE).name == "新名"


@pytest.mark.parametrize("read_again", [True, False])
def test_a_county_never_changes_on_a_row(read_again):
    row = department()
    row = Department.objects.get(county=HERE) if read_again else row
    row.county = THERE
    for write in (
        row.save,
        lambda: row.save(update_fields=["county"]),
        lambda: Department.objects.filter(county=HERE).bulk_update([row], ["name"]),
        lambda: Department.objects.bulk_create([row]),
    ):
        with pytest.raises(TypeError, match="never changes"):
            write()
    assert not Department.objects.filter(county=THERE).exists()


def test_a_row_made_in_bulk_is_frozen_like_any_other():
    (row,) = Department.objects.bulk_create([Department(county=HERE, code="a", name="甲")])
    row.county = THERE
    with pytest.raises(TypeError, match="never changes"):
        row.save()


def test_copies_keep_knowing_their_county():
    for twin in (copy.copy(department()), pickle.loads(pickle.dumps(department(code="b")))):
        twin.county = THERE
        with pytest.raises(TypeError, match="never changes"):
            twin.save()


def test_no_bulk_write_changes_a_county():
    row = department()
    rows = Department.objects.filter(county=HERE)
    upsert = {"update_conflicts": True, "unique_fields": ["county", "code"]}
    for write in (
        lambda: rows.update(county=THERE),
        lambda: rows.bulk_update([row], ["county"]),
        lambda: Department.objects.bulk_create([row], **upsert, update_fields=["county", "name"]),
        lambda: Department.objects.update_or_create(county=HERE, code="yj", defaults={"county": THERE}),
    ):
        with pytest.raises(TypeError, match="never changes"), transaction.atomic():
            write()
    with pytest.raises(TypeError, match="unique_fields"):
        Department.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["name"])
    assert list(Department.objects.filter(county__in=[HERE, THERE]).values_list("county", flat=True)) == [HERE]


def test_an_upsert_by_county_and_code_updates_instead_of_doubling():
    department()
    rows = [Department(county=HERE, code="yj", name="新"), Department(county=THERE, code="yj", name="别")]
    Department.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["county", "code"], update_fields=["name"]
    )
    assert Department.objects.get(county=HERE).name == "新"
    assert Department.objects.get(county=THERE).name == "别"


def test_bulk_update_names_each_county():
    rows = [department(), department(THERE)]
    for row in rows:
        row.name = "新"
    queries = sql_of(lambda: Department.objects.bulk_update(rows, ["name"]))
    assert sum(f'"county" = {county}' in sql for sql in queries for county in (HERE, THERE)) == 2
    assert set(Department.objects.filter(county__in=[HERE, THERE]).values_list("name", flat=True)) == {"新"}


def test_a_parent_of_another_county_is_refused_by_every_write():
    here, foreign = department(), department(THERE)
    child = officer(here)
    unsaved = NamedOfficer(county=HERE, department=foreign, name="李四", valid_from=DAY)
    for write in (
        unsaved.save,
        lambda: NamedOfficer.objects.create(county=HERE, department=foreign, name="李四", valid_from=DAY),
        lambda: NamedOfficer.objects.bulk_create([unsaved]),
        lambda: here.named_officers.create(county=THERE, name="李四", valid_from=DAY),
    ):
        with pytest.raises(TypeError, match="belongs to county"):
            write()
    child.department = foreign
    for write in (child.save, lambda: NamedOfficer.objects.bulk_update([child], ["department"])):
        with pytest.raises(TypeError, match="belongs to county"):
            write()
    assert NamedOfficer.objects.filter(county=HERE).update(department=foreign) == 0
    assert NamedOfficer.objects.get(county=HERE).department == here


def commit(write):
    """Run a write and the checks that the database makes when it is committed, then take it back if they fail."""
    with cross_county("the database looks at its keys"), transaction.atomic():
        write()
        connection.check_constraints()


def test_a_parent_that_does_not_exist_is_refused_by_the_database():
    row = NamedOfficer(county=HERE, department_id=uuid7(), name="李四", valid_from=DAY)
    with pytest.raises(IntegrityError):
        commit(row.save)


def test_full_clean_judges_in_the_county(stray):
    own = officer(department())
    NamedOfficer(county=HERE, department=own.department, name="王五", phone="1", title="x", user_id=uuid7(),
                 valid_from=DAY, valid_to=DAY).full_clean()  # fmt: skip
    with pytest.raises(ValidationError, match="department"):
        stray.full_clean()
    Department(county=THERE, code="yj2", name="x", town="330522100", duty_phone="1").full_clean()
    with pytest.raises(ValidationError):
        Department(county=HERE, code="yj", name="x", town="330521100", duty_phone="1").full_clean()
    with pytest.raises(ValidationError, match="county"):
        Department(county=3305, code="x", name="x", town="330521100", duty_phone="1").full_clean(exclude=["id"])


def test_nothing_is_deleted():
    row = officer(department())
    for delete in (
        row.delete,
        NamedOfficer.objects.filter(county=HERE).delete,
        row.department.named_officers.all().delete,
        NamedOfficer._base_manager.filter(county=HERE).delete,
    ):
        with pytest.raises(TypeError, match="never deleted"):
            delete()
    assert NamedOfficer.objects.filter(county=HERE).count() == 1


def test_a_parent_with_children_cannot_be_removed_behind_the_models():
    officer(department())
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        commit(lambda: cursor.execute("DELETE FROM orgs_department"))
    assert Department.objects.filter(county=HERE).exists()


def test_model_forms_are_refused_for_owned_keys():
    with pytest.raises(TypeError, match="visible"):
        NamedOfficer._meta.get_field("department").formfield()
