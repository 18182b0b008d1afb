"""PostgreSQL: a table that one transaction fills is known for as large as it has become."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from safegrid.foundation import bulk
from safegrid.foundation.models import CalendarDay


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_database_counts_anew_inside_the_transaction():
    days = [CalendarDay(county=330521, day=date(2025, 1, 1) + timedelta(days=n), is_workday=True) for n in range(300)]
    CalendarDay.objects.bulk_create(days)
    bulk.look_again(CalendarDay)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [CalendarDay._meta.db_table])
        assert cursor.fetchone() == (300.0,)
