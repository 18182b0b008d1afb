"""Write safegrid/foundation/content/holidays.json from the `chinesecalendar` package.

Run it after upgrading the package when the State Council has published a new year's arrangement (usually in
November): `python tools/make_holidays.py`. The JSON is what the product reads; the package is only needed here.
"""

import json
from collections import defaultdict
from datetime import date
from importlib.metadata import version
from pathlib import Path

from chinese_calendar import constants

TARGET = Path(__file__).resolve().parent.parent / "safegrid" / "foundation" / "content" / "holidays.json"
SATURDAY = 5


def exceptions_by_year() -> dict[int, dict[str, list[str]]]:
    """Per year: `holidays` (every day off the notices name, weekends too) and `workdays` (weekend days worked)."""
    years: dict[int, dict[str, list[str]]] = defaultdict(lambda: {"holidays": [], "workdays": []})
    for kind, days in (("holidays", constants.holidays), ("workdays", constants.workdays)):
        for day in sorted(days):
            years[day.year][kind].append(day.isoformat())
    return dict(sorted(years.items()))


def check(years: dict[int, dict[str, list[str]]]) -> None:
    """Refuse data that contradicts itself: a day in both lists, a make-up day on a weekday, a missing or empty year."""
    if list(years) != list(range(min(years), max(years) + 1)):
        raise SystemExit(f"years are not contiguous: {list(years)}")
    for year, lists in years.items():
        both = set(lists["holidays"]) & set(lists["workdays"])
        weekdays = [d for d in lists["workdays"] if date.fromisoformat(d).weekday() < SATURDAY]
        if both or weekdays or f"{year}-10-01" not in lists["holidays"]:
            raise SystemExit(f"{year}: contradictory or incomplete data: {both or weekdays or 'National Day missing'}")


def main() -> None:
    """Write the file with one line per list, so that a new year is a small diff."""
    years = exceptions_by_year()
    check(years)
    source = (
        f"chinesecalendar {version('chinesecalendar')} (MIT), compiled from the yearly notices "
        "国务院办公厅关于部分节假日安排的通知"
    )
    entries = []
    for year, lists in years.items():
        body = ",\n".join(f'   "{kind}": {json.dumps(days)}' for kind, days in lists.items())
        entries.append(f'  "{year}": {{\n{body}\n  }}')
    quoted = json.dumps(source, ensure_ascii=False)
    text = f'{{\n "source": {quoted},\n "years": {{\n' + ",\n".join(entries) + "\n }\n}\n"
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    print(f"{TARGET.name}: {min(years)}-{max(years)}")


if __name__ == "__main__":
    main()
