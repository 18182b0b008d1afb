from django.db import models

from safegrid.foundation.keys import CountyModel


class CalendarYear(CountyModel):
    """A year that the county keeps itself; other years are those shipped with the product."""

    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "year"], name="calendar_year_once")]


class CalendarDay(CountyModel):
    """A day that is not what its weekday says, or what the shipped year says of it."""

    day = models.DateField()
    is_workday = models.BooleanField()
    words = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county", "day"], name="calendar_day_once")]


class WorkSchedule(CountyModel):
    """The daily working hours of a county; without a row, 8:30 to 12:00 and 14:00 to 17:30."""

    sessions = models.JSONField(help_text='如 [["08:30", "12:00"], ["14:00", "17:30"]]')

    class Meta:
        constraints = [models.UniqueConstraint(fields=["county"], name="work_schedule_once")]
