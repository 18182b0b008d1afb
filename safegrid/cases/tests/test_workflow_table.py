"""The table itself: complete, closed, printed, and the only way through."""

import inspect

import pytest
from django.conf import settings

from safegrid.cases import diagram, services
from safegrid.cases.conditions import CONDITIONS, USUAL, WHY
from safegrid.cases.fields import FIELDS
from safegrid.cases.models import Case
from safegrid.cases.workflow import CASE, ROWS, STAGE_OF, STATES, Op
from safegrid.foundation.errors import WrongState

MOVING = sorted({row.verb for row in ROWS if row.sources})
SOURCES = {verb: {source for row in ROWS if row.verb == verb for source in row.sources} for verb in MOVING}


def test_every_state_is_reached_and_every_open_state_has_a_way_out():
    assert CASE.problems() == []


def test_every_field_that_the_table_names_can_be_shown():
    assert {name for row in ROWS for name in (*row.required, *row.optional)} <= set(FIELDS)


def test_every_condition_that_the_table_names_is_defined_and_explained():
    used = {name for row in ROWS for _, name in row.conditions} | set(USUAL.values())
    assert used <= set(CONDITIONS)
    assert used <= set(WHY)
    assert all(role in row.roles for row in ROWS for role, _ in row.conditions)


def test_every_timed_state_starts_its_own_stage_however_it_is_entered():
    for row in ROWS:
        for target in row.targets:
            if target in STAGE_OF and target not in row.sources:
                assert (Op.RUN, STAGE_OF[target]) in row.effects, (row.verb, target)


def test_every_verb_that_leaves_a_timed_state_stops_or_pauses_its_stage():
    for row in ROWS:
        ended = {effect.stage for effect in row.effects if effect.op is not Op.RUN}
        left = {STAGE_OF[source] for source in row.sources if source in STAGE_OF and row.targets}
        kept = {STAGE_OF.get(target) for target in row.targets}
        assert left - ended <= kept, row.verb


def test_every_verb_is_a_service_with_keyword_arguments_only():
    for row in ROWS:
        parameters = inspect.signature(getattr(services, row.verb)).parameters.values()
        assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters), row.verb
        assert "acting_user" in {parameter.name for parameter in parameters}, row.verb


def test_every_field_of_a_verb_is_a_parameter_of_its_service():
    for row in ROWS:
        taken = set(inspect.signature(getattr(services, row.verb)).parameters)
        assert {*row.required, *row.optional} - {"place"} <= taken, row.verb


@pytest.mark.parametrize("verb", MOVING)
def test_a_verb_is_refused_from_every_state_that_the_table_does_not_name(verb, steps):
    service = getattr(services, verb)
    parameters = inspect.signature(service).parameters.values()
    wanted = [p.name for p in parameters if p.default is p.empty and p.name not in ("acting_user", "case")]
    for state in STATES:
        if state.name in SOURCES[verb]:
            continue
        case = steps.in_state(state.name)
        with pytest.raises(WrongState, match=state.label):
            service(acting_user=steps.cast.lead_officer, case=case, **dict.fromkeys(wanted))
        assert Case.objects.get(county=case.county, id=case.id).version == 1


def test_the_page_in_docs_is_current():
    """Run ``manage.py case_diagram`` after a change of the table."""
    assert (settings.BASE_DIR / "docs/cases-workflow.md").read_text(encoding="utf-8") == diagram.page()
