"""A Django app with one slow task, for the test that kills its worker."""

import os
import time
from datetime import date
from pathlib import Path

from django.apps import AppConfig

COUNTY = 330521


class Config(AppConfig):
    name = "safegrid.foundation.tests"
    label = "queue_tests"

    def ready(self):
        from safegrid.foundation import queue

        queue.task("test.slow")(slow)


def slow():
    """Write a row, and at the first attempt never come to an end."""
    from safegrid.foundation.models import CalendarDay

    folder = Path(os.environ["SAFEGRID_VAR_DIR"])
    attempt = len(list(folder.glob("attempt-*")))
    CalendarDay.objects.create(county=COUNTY, day=date(2025, 1, 1), is_workday=True)
    (folder / f"attempt-{attempt}").write_text(str(os.getpid()))
    if attempt == 0:
        time.sleep(600)
