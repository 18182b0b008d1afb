"""The shipped content is whole and consistent: catalogue, limits, checklists, norms, industries, duty rules.

``laws.json`` holds the number of articles of each law, counted once in the text adopted on its date.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SAFEGRID = Path(__file__).resolve().parents[2]
SITE_TYPES = ("enterprise", "shop", "workshop", "venue", "household", "public_place")
STAGES = ("accept", "verify", "dispatch", "receive", "handle", "recheck", "close")
UNITS = {"urgent_hours", "working_hours", "working_days", "calendar_days"}
# rough lengths, for comparing limits of different units: eight working hours make a day
HOURS = {"urgent_hours": 1, "working_hours": 3, "working_days": 24, "calendar_days": 24}
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")}

Row = dict[str, Any]


@cache
def load(path: str) -> list[Row]:
    rows: list[Row] = json.loads((SAFEGRID / path).read_text(encoding="utf-8"))
    return rows


KINDS = {row["code"]: row for row in load("handbook/content/hazard_kinds.json")}
LEAVES = [row for row in KINDS.values() if row["parent"]]
CHECKLISTS = load("handbook/content/checklists.json")
ITEMS = [item for checklist in CHECKLISTS for item in checklist["items"]]
INDUSTRIES = load("sites/content/industries.json")
DEPARTMENTS = load("duties/content/departments.json")
RULES = load("duties/content/duty_rules.json")
NORMS = load("handbook/content/visit_norms.json")
DEFAULTS = {(row["severity"], row["stage"]): row for row in load("handbook/content/hazard_limits.json")}
ARTICLES = {row["law"]: row["articles"] for row in load("handbook/content/laws.json")}


def lineage(code: str) -> list[str]:
    """The kind itself and its parents, nearest first; fails on a cycle."""
    found: list[str] = []
    while code:
        assert code not in found, f"cycle at {code}"
        found.append(code)
        code = KINDS[code]["parent"]
    return found


def limit(code: str, stage: str) -> Row:
    """The limit of a stage: the kind's own, else the nearest parent's, else that of the severity."""
    for node in lineage(code):
        own = KINDS[node]["handle_max"] if stage == "handle_max" else KINDS[node]["limits"].get(stage)
        if own:
            return dict(own)
    return DEFAULTS[KINDS[code]["severity"], stage]


def hours(value: Row) -> int:
    return int(value["value"]) * HOURS[value["unit"]]


def article_number(words: str) -> int:
    """第一百零八条 -> 108."""
    total = digit = 0
    for char in words.removeprefix("第").removesuffix("条"):
        if char in DIGITS:
            digit = DIGITS[char]
        else:
            total += (digit or 1) * {"十": 10, "百": 100}[char]
            digit = 0
    return total + digit


def cited() -> list[tuple[str, Row]]:
    bases = [(row["code"], basis) for row in KINDS.values() for basis in row["legal_bases"]]
    bases += [
        (k, b) for k, row in KINDS.items() if row["statutory_report"] for b in row["statutory_report"]["legal_bases"]
    ]
    bases += [(item["code"], item["legal_basis"]) for item in ITEMS if item["legal_basis"]]
    return bases + [(rule["words"], rule["legal_basis"]) for rule in RULES]


def main_departments(kind: str, site_type: str, industry: str) -> set[str]:
    """Main departments named by the most specific rules: industry (longest), hazard kind (deepest), site type."""
    nodes = lineage(kind) if kind else []
    best: tuple[int, int, bool] = (-1, -1, False)
    departments: set[str] = set()
    for rule in candidates(industry):
        node = rule["hazard_kind"]
        if rule["site_type"] not in ("", site_type) or (node and node not in nodes):
            continue
        depth = len(nodes) - nodes.index(node) if node else 0
        rank = (len(rule["industry_prefix"]), depth, bool(rule["site_type"]))
        if rank > best:
            best, departments = rank, set()
        if rank == best:
            departments.add(rule["department"])
    return departments


@cache
def candidates(industry: str) -> list[Row]:
    return [rule for rule in RULES if rule["part"] == "main" and industry.startswith(rule["industry_prefix"])]


def some_industries() -> list[str]:
    divisions = {row["code"] for row in INDUSTRIES if row["parent"]}
    return ["", *sorted(divisions | {rule["industry_prefix"] for rule in RULES} - {""})]


def test_industries_are_the_twenty_sections_and_ninety_seven_divisions() -> None:
    sections = [row["code"] for row in INDUSTRIES if not row["parent"]]
    divisions = [row["code"] for row in INDUSTRIES if row["parent"]]
    assert sections == list("ABCDEFGHIJKLMNOPQRST")
    assert divisions == [f"{n:02d}" for n in range(1, 98)]
    assert all(row["parent"] in sections for row in INDUSTRIES if row["parent"])
    assert len({row["name"] for row in INDUSTRIES if row["parent"]}) == 97


def test_catalogue_is_a_tree_of_groups_and_leaves() -> None:
    assert len(KINDS) == len(load("handbook/content/hazard_kinds.json"))
    assert 110 <= len(LEAVES) <= 150
    for code, row in KINDS.items():
        assert lineage(code)[-1] in KINDS
        assert not row["parent"] or code.startswith(row["parent"] + "-")
    parents = {row["parent"] for row in LEAVES}
    assert parents == {row["code"] for row in KINDS.values() if not row["parent"]}, "a group without leaves"
    assert max(Counter(row["name"] for row in KINDS.values()).values()) == 1


@pytest.mark.parametrize("row", LEAVES, ids=lambda row: row["code"])
def test_every_leaf_has_its_facts_and_all_limits(row: Row) -> None:
    assert row["nature"] in {"hazard", "illegal", "violation", "accident"}
    assert row["severity"] in {"minor", "general", "major"}
    assert row["health"] is (row["code"].startswith("HEALTH-") or row["code"] == "ACCIDENT-HEALTH")
    assert 1 <= row["duplicate_distance_m"] <= 1000
    assert 1 <= row["duplicate_days"] <= 365
    for stage in (*STAGES, "handle_max"):
        value = limit(row["code"], stage)
        assert value["value"] > 0, stage
        assert value["unit"] in UNITS, stage
    assert hours(limit(row["code"], "handle")) <= hours(limit(row["code"], "handle_max"))


def test_the_graver_the_shorter_until_handling_begins() -> None:
    for stage in ("accept", "verify", "dispatch", "receive"):
        minor, general, major = (hours(DEFAULTS[severity, stage]) for severity in ("minor", "general", "major"))
        assert minor >= general >= major
        for row in LEAVES:
            if row["severity"] == "major":
                assert limit(row["code"], stage)["unit"] == "urgent_hours", row["code"]
                assert hours(limit(row["code"], stage)) <= major, row["code"]


def test_only_what_is_neither_major_nor_an_accident_may_be_settled_on_the_spot() -> None:
    assert not [row["code"] for row in KINDS.values() if row["may_be_minor_on_spot"] and row["severity"] == "major"]
    assert not [row["code"] for row in KINDS.values() if row["may_be_minor_on_spot"] and row["nature"] == "accident"]


def test_a_major_hazard_names_the_national_standard_that_makes_it_one() -> None:
    assert not [k for k, row in KINDS.items() if row["severity"] != "major" and row["major_standard"]]
    assert not [
        r["code"] for r in LEAVES if r["nature"] == "hazard" and r["severity"] == "major" and not r["major_standard"]
    ]


def test_accident_grades_carry_the_statutory_clocks() -> None:
    up_to = {code: row["statutory_report"] for code, row in KINDS.items() if row["statutory_report"]}
    assert {code: clock["report_up_to"] for code, clock in up_to.items()} == {
        "ACCIDENT-ORDINARY": "city",
        "ACCIDENT-LARGER": "province",
        "ACCIDENT-MAJOR": "state_council",
        "ACCIDENT-EXTREME": "state_council",
    }
    assert {(clock["unit_hours"], clock["level_hours"]) for clock in up_to.values()} == {(1, 2)}


def test_every_cited_article_exists() -> None:
    for where, basis in cited():
        assert basis["law"] in ARTICLES, f"{where}: {basis['law']}"
        assert 1 <= article_number(basis["article"]) <= ARTICLES[basis["law"]], f"{where}: {basis}"


def test_article_numbers_are_read_from_chinese() -> None:
    words = ["第五条", "第十条", "第十九条", "第二十条", "第一百条", "第一百零八条", "第一百一十九条"]
    assert [article_number(word) for word in words] == [5, 10, 19, 20, 100, 108, 119]


def test_checklists_cover_every_site_type_and_are_told_apart_by_type_and_industry() -> None:
    assert {row["site_type"] for row in CHECKLISTS if not row["industry_prefix"]} == set(SITE_TYPES)
    keys = Counter((row["site_type"], row["industry_prefix"]) for row in CHECKLISTS)
    assert max(keys.values()) == 1
    divisions = {row["code"] for row in INDUSTRIES if row["parent"]}
    assert all(row["industry_prefix"][:2] in divisions for row in CHECKLISTS if row["industry_prefix"])
    assert max(Counter(row["code"] for row in CHECKLISTS).values()) == 1
    assert max(Counter(item["code"] for item in ITEMS).values()) == 1


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda row: row["code"])
def test_every_finding_of_a_checklist_has_a_hazard_kind(checklist: Row) -> None:
    assert 8 <= len(checklist["items"]) <= 20
    leaves = {row["code"] for row in LEAVES}
    for item in checklist["items"]:
        assert item["answer"] in {"yes_no", "number", "text", "photo"}
        assert all(item[words] for words in ("text", "how_to_judge", "what_to_do"))
        assert (item["hazard_kind"] in leaves) if item["answer"] == "yes_no" else item["hazard_kind"] == ""
    assert any(item["mandatory"] for item in checklist["items"])


def test_visit_norms_are_complete_and_rise_with_risk() -> None:
    norms = {(row["site_type"], row["risk_grade"]): row for row in NORMS}
    grades = ("blue", "yellow", "orange", "red")
    assert len(NORMS) == len(norms) == 24
    assert set(norms) == {(site_type, grade) for site_type in SITE_TYPES for grade in grades}
    for site_type in SITE_TYPES:
        for field in ("visits_a_year", "minutes"):
            values = [norms[site_type, grade][field] for grade in grades]
            assert values[0] > 0
            assert values == sorted(values)


def test_departments_have_one_lead_and_every_rule_names_known_things() -> None:
    codes = [row["code"] for row in DEPARTMENTS]
    assert len(set(codes)) == len(codes)
    assert [row["code"] for row in DEPARTMENTS if row["role"] == "lead"] == ["EMB"]
    assert {row["role"] for row in DEPARTMENTS} == {"lead", "cooperating"}
    assert {rule["department"] for rule in RULES} == set(codes), "a department without a duty, or a duty without one"
    divisions = {row["code"] for row in INDUSTRIES if row["parent"]}
    for rule in RULES:
        assert rule["part"] in {"main", "assisting"}
        assert rule["site_type"] in ("", *SITE_TYPES)
        assert not rule["hazard_kind"] or rule["hazard_kind"] in KINDS
        assert not rule["industry_prefix"] or rule["industry_prefix"][:2] in divisions
        assert rule["site_type"] or rule["industry_prefix"] or rule["hazard_kind"], "a rule for everything"
    fields = ("part", "department", "site_type", "industry_prefix", "hazard_kind")
    assert max(Counter(tuple(rule[f] for f in fields) for rule in RULES).values()) == 1


@pytest.mark.parametrize("site_type", SITE_TYPES)
def test_every_kind_at_every_site_has_exactly_one_main_department(site_type: str) -> None:
    for industry in some_industries():
        for kind in ("", *KINDS):
            departments = main_departments(kind, site_type, industry)
            assert len(departments) == 1, f"{kind or 'site'} at {site_type} {industry}: {departments}"


@pytest.mark.parametrize(
    ("kind", "site_type", "industry", "department"),
    [
        ("FIRE-EXIT-BLOCKED", "public_place", "83", "FRB"),
        ("EQUIP-INSPECTION", "enterprise", "47", "MSB"),
        ("GAS-NO-ALARM", "enterprise", "62", "HUB"),
        ("CONSTR-EDGE", "enterprise", "482", "WRB"),
        ("MGMT-NO-TRAINING", "enterprise", "54", "TRB"),
        ("MGMT-NO-TRAINING", "enterprise", "34", "EMB"),
        ("HEALTH-DUST", "enterprise", "50", "HCB"),
        ("ILLEGAL-FIREWORKS-MAKE", "household", "", "EMB"),
        ("ILLEGAL-NO-BUSINESS-LICENCE", "shop", "811", "MSB"),
        ("FIREWORKS-SET-OFF", "public_place", "83", "PSB"),
        ("", "public_place", "83", "EDB"),
        ("", "venue", "", "CTB"),
    ],
)
def test_who_is_responsible(kind: str, site_type: str, industry: str, department: str) -> None:
    assert main_departments(kind, site_type, industry) == {department}
