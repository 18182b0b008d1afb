"""Finding cases by words: exactly those in which the words stand, whoever wrote the case and whatever the site is called now."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.cases import finding, said
from safegrid.cases.models import Case, CaseWords
from safegrid.foundation.errors import InvalidInput
from safegrid.sites import services as sites

COUNTY = 330521


def found(words):
    return set(finding.saying(Case.objects.filter(county=COUNTY), words, COUNTY).values_list("id", flat=True))


def test_words_of_report_place_and_site_find_the_case(steps):
    case = steps.reported(words="灭火器过期，编号ＭＦ-77", place_words="二号仓库北门")
    steps.reported(words="配电箱无门")
    for words in ("灭火器", "过期", "mf-77", "仓库北", steps.site.name, f"过期 {steps.site.name[:2]}", "北门 灭火"):
        assert case.id in found(words), words
    assert found("灭火器 配电箱") == set()
    assert found("器灭") == set()


def test_what_stands_only_across_two_columns_is_not_found(steps):
    steps.reported(words="通道堵", place_words="塞北路")
    assert found("堵塞") == set()


def test_signs_that_mean_something_to_the_database_are_only_signs(steps):
    case = steps.reported(words="浓度 50%_以上 \\ 标准")
    assert found("50%_") == {case.id}
    assert found("5%_以") == set()


def test_one_character_is_refused_with_what_to_do(steps):
    steps.reported()
    with pytest.raises(InvalidInput, match="两个连着的字"):
        found("火 通")
    answer = steps.cast.api(steps.cast.lead_officer).get(f"/api/v1/cases/{COUNTY}", words="火")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["words"])
    page = steps.cast.client(steps.cast.lead_officer).get(f"/cases/{COUNTY}/", {"words": "火"}).content.decode()
    assert "请至少输入两个连着的字" in page


def test_a_renamed_site_is_found_by_its_new_name_only(steps):
    case, old = steps.reported(), steps.site.name
    sites.change_site(acting_user=None, site=steps.site, values={"name": "德清新名化工有限公司"})
    assert found("新名化工") == {case.id}
    assert found(old) == set()


def test_the_words_of_cases_copied_in_are_kept_afterwards(steps):
    case = steps.reported(words="起重机吊钩变形")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_casewords WHERE county = %s", [COUNTY])
    assert found("吊钩") == set()
    assert said.keep_missing(COUNTY) == 1
    assert said.keep_missing(COUNTY) == 0
    assert found("吊钩") == {case.id}


def test_every_verb_leaves_the_words_of_the_case_true(steps):
    cases = [steps.closed(), steps.rectified(), steps.in_state("handling")]
    for case in Case.objects.filter(county=COUNTY, id__in=[one.id for one in cases]).select_related("site"):
        kept = CaseWords.objects.get(county=COUNTY, id=case.id)
        assert kept.text.split("\n") == [case.words, case.place_words, case.site.name]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet="消防通道过期ab1", min_size=2, max_size=12), min_size=1, max_size=4), st.data())
def test_found_is_what_holds_the_words_and_nothing_else(steps, reports, data):
    cases = {steps.in_state("closed", words=text).id: text for text in reports}
    source = data.draw(st.sampled_from(reports))
    start = data.draw(st.integers(0, len(source) - 2))
    words = source[start : data.draw(st.integers(start + 2, len(source)))]
    assert found(words) & set(cases) == {case_id for case_id, text in cases.items() if words in text}
