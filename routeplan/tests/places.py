"""Small days drawn by Hypothesis."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from routeplan.problem import BICYCLE, WALKING, Day, Shift, Visit, Wanted, Week

MONDAY = date(2026, 3, 2)
metres = st.integers(-1500, 1500).map(float)
points = st.tuples(metres, metres)
windows = st.sampled_from([(), ((480, 720),), ((540, 700), (840, 1000)), ((600, 660),), ((900, 1020),)])


@st.composite
def visits(draw, most=10):
    return tuple(
        Visit(
            f"s{i}",
            draw(points),
            draw(st.integers(0, 40)),
            draw(st.booleans()),
            draw(st.integers(0, 60)),
            draw(windows),
        )
        for i in range(draw(st.integers(0, most)))
    )


shifts = st.builds(
    Shift,
    points,
    st.just(480.0),
    st.sampled_from([900.0, 1020.0]),
    st.one_of(st.none(), points),
    st.sampled_from([(), ((720.0, 810.0),)]),
)
days = st.builds(Day, visits(), shifts, st.sampled_from([WALKING, BICYCLE]))


@st.composite
def weeks(draw):
    dates = [MONDAY + timedelta(at) for at in range(draw(st.integers(1, 4)))]
    wanted = []
    for visit in draw(visits()):
        first, last = sorted((draw(st.sampled_from(dates)), draw(st.sampled_from(dates))))
        wanted.append(Wanted(visit, first, last, draw(st.sampled_from([first, last]))))
    return Week({day: draw(shifts) for day in dates}, tuple(wanted), BICYCLE)
