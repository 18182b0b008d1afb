"""Child process of `xls`: prints the first visible sheet of argv[1] as JSON lines, within argv[2] bytes of memory.

Lines: {"sheet", "others"} or {"failed": "password" | "damaged"}; then [row number, cells]; then "end".
Run as a file, so it imports nothing of the product.
"""

import json
import sys
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import python_calamine as calamine


def encode(value: object) -> object:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return {"at": value.isoformat()}
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, timedelta):
        return value.total_seconds() / 86_400
    return value


def say(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


def limit_memory(size: int) -> None:
    with suppress(ImportError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def main(path: str, memory: int) -> None:
    limit_memory(memory)
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        sheets = [
            meta.name
            for meta in book.sheets_metadata
            if meta.visible == calamine.SheetVisibleEnum.Visible and meta.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        sheet = book.get_sheet_by_name(sheets[0])
        start = sheet.start
    except calamine.PasswordError:
        say({"failed": "password"})
        return
    except Exception:
        say({"failed": "damaged"})
        return
    say({"sheet": sheets[0], "others": sheets[1:]})
    if start is not None:
        offset = [""] * start[1]
        for number, row in enumerate(sheet.to_python(skip_empty_area=True), start=start[0] + 1):
            cells = [encode(value) for value in row]
            while cells and cells[-1] == "":
                cells.pop()
            if cells:
                say([number, offset + cells])
    say("end")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
