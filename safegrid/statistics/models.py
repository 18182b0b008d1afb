"""Summary tables: counts of each day and month, by place and by what the rows are grouped by; kept by the queue.

They hold nothing that the rows of other contexts do not say (see ``gathering``), and are made anew wherever those change.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from safegrid.foundation.keys import CountyModel, LocalModel


class Span(models.TextChoices):
    DAY = "day", "日"
    MONTH = "month", "月"
    NOW = "now", "现在"


class PlaceLevel(models.IntegerChoices):
    COUNTY = 3, "县级"
    TOWN = 4, "乡级"
    VILLAGE = 5, "村级"


class Summary(CountyModel):
    """Counts of one span at one place of the county.

    ``on``: the day, or the first of the month. ``place``: code of the county, a town or a village. ``by`` "": of everything
    there, else of the rows whose kind, severity, channel, department, member or grid is ``key``.
    """

    span = models.CharField(max_length=5, choices=Span)
    on = models.DateField()
    level = models.PositiveSmallIntegerField(choices=PlaceLevel)
    place = models.CharField(max_length=12)
    by = models.CharField(max_length=10, blank=True)
    key = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True


def _meta(name: str) -> type[Any]:
    """Return the ``Meta`` of one summary table: a row once, found by county, by place, or by level over many counties."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "span", "on", "level", "place", "by", "key"], name=f"{name}_once")
        ]
        indexes = [
            models.Index(fields=["county", "span", "level", "by", "on"], name=f"{name}_level"),
            models.Index(fields=["county", "span", "place", "by", "on"], name=f"{name}_place"),
            models.Index(fields=["span", "level", "by", "on", "county"], name=f"{name}_above"),
        ]

    return Meta


def _count() -> models.IntegerField[int, int]:
    return models.IntegerField(default=0)


class CaseSummary(Summary):
    """Of the cases reported on the day: how many are or were what (``cases.facts``), and the minutes that stages took."""

    reported = _count()
    registered = _count()
    valid = _count()
    dispatched = _count()
    sent_right = _count()
    handled = _count()
    should_handle = _count()
    handled_in_time = _count()
    ever_handled = _count()
    reworked = _count()
    closed = _count()
    should_close = _count()
    closed_in_time = _count()
    rechecked = _count()
    should_recheck = _count()
    rechecked_in_time = _count()
    supervised = _count()
    overdue_now = _count()
    # The same where overruns with an accepted appeal are left out.
    excused_should_handle = _count()
    excused_handled_in_time = _count()
    excused_should_close = _count()
    excused_closed_in_time = _count()
    excused_should_recheck = _count()
    excused_rechecked_in_time = _count()
    excused_overdue_now = _count()
    # Open now, and how pressing.
    open_now = _count()
    near_now = _count()
    over_now = _count()
    badly_over_now = _count()
    rung_1 = _count()
    rung_2 = _count()
    rung_3 = _count()
    accidents = _count()
    major = _count()
    # Closed within so many days of the report.
    within_1 = _count()
    within_3 = _count()
    within_7 = _count()
    within_15 = _count()
    within_30 = _count()
    later = _count()
    register_timed = _count()
    dispatch_timed = _count()
    handle_timed = _count()
    close_timed = _count()
    register_minutes = models.BigIntegerField(default=0)
    dispatch_minutes = models.BigIntegerField(default=0)
    handle_minutes = models.BigIntegerField(default=0)
    close_minutes = models.BigIntegerField(default=0)

    Meta = _meta("case_summary")


class VisitSummary(Summary):
    """Of the visits of the day: how many, with what outcome, how many with findings, and from too far away."""

    visits = _count()
    done = _count()
    with_findings = _count()
    findings = _count()
    far = _count()

    Meta = _meta("visit_summary")


class PlaceSummary(Summary):
    """What a place has and lacks: ``span`` now, and as it was at the end of each day."""

    villages = _count()
    villages_covered = _count()
    grids = _count()
    grids_without_member = _count()
    grids_lacking_officers = _count()
    sites = _count()
    sites_direct = _count()
    sites_for_grids = _count()
    sites_without_grid = _count()
    sites_without_member = _count()
    sites_without_department = _count()
    sites_with_norm = _count()
    sites_not_visited = _count()
    red = _count()
    orange = _count()
    yellow = _count()
    blue = _count()

    Meta = _meta("place_summary")


class Source(models.TextChoices):
    CASES = "cases", "案件"
    VISITS = "visits", "巡查"
    PLACES = "places", "覆盖"


class Mark(LocalModel):
    """Something of a day has changed, so that its sums are out of date. Written beside the change, gone with the new sums."""

    county = models.IntegerField()
    source = models.CharField(max_length=10, choices=Source)
    day = models.DateField(null=True, help_text="覆盖情况没有日期")

    class Meta:
        indexes = [models.Index(fields=["county", "source", "day"], name="statistics_mark_day")]


class Keeping(CountyModel):
    """How far the sums of a county have come: they say what the rows said at ``as_of``."""

    as_of = models.DateTimeField(null=True)
    places_as_of = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county"], name="statistics_keeping_once")]
