from django.db import models

from safegrid.foundation.keys import CountyModel


class CalendarYear(CountyModel):
    """A year whose holidays and make-up workdays are known to the county."""

    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "year"], name="calendar_year_once")]


class CalendarDay(CountyModel):
    """A day that is not what its weekday says: a holiday on a weekday, or a workday on a weekend."""

    day = models.DateField()
    is_workday = models.BooleanField()
    words = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "day"], name="calendar_day_once")]
