"""What is done inside an installation of its own, by a process of its own: ``python -m tests.faults.inside seed 100``.

Prints one line of JSON.
"""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from typing import Any

import django


def seed(photos: str) -> dict[str, Any]:
    """Fill the database with the cast's county; return the member's token, a site and ``photos`` uploaded photographs."""
    from PIL import Image

    from safegrid.accounts.services import issue_token
    from safegrid.files.services import store
    from tests.cast import Cast

    cast = Cast()
    _ = cast.kinds, cast.duty_rules, cast.town_officer, cast.lead_officer
    member, uploaded = cast.grid_member, []
    for n in range(int(photos)):
        file = io.BytesIO()
        Image.new("RGB", (8, 8), (n % 256, n // 256, 5)).save(file, "PNG")
        uploaded.append(str(store(acting_user=member, county=cast.county, data=file.getvalue(), name="p.png").id))
    _, token = issue_token(acting_user=member, name="现场终端", days=30, verified=True)
    return {"token": token, "county": cast.county, "site": str(cast.site.id), "kind": cast.general_kind.code,
            "photos": uploaded}  # fmt: skip


def count() -> dict[str, Any]:
    """Do what is on the queue, seal the trace, and count what every report has left behind, by the case's id."""
    from safegrid.cases.models import Case, CaseTimer
    from safegrid.files.models import AttachmentUse
    from safegrid.foundation import sealing
    from safegrid.foundation.keys import cross_county
    from safegrid.foundation.models import IdempotencyKey, TraceRow
    from safegrid.foundation.testing import run_queue
    from safegrid.notices.models import Notice

    run_queue()
    sealing.seal_all()
    with cross_county("a test counts everything there is"):
        cases = {str(case.id): case for case in Case.objects.all()}
        rows = TraceRow.objects.filter(action="cases.report")
        tallies = {
            "trace": rows.values_list("object_id", flat=True),
            "timers": CaseTimer.objects.values_list("case_id", flat=True),
            "photos": AttachmentUse.objects.filter(object_type="cases.case").values_list("object_id", flat=True),
            "notices": Notice.objects.filter(kind="cases.report").values_list("object_id", flat=True),
        }
        counted = {name: Counter(str(one) for one in ids) for name, ids in tallies.items()}
        unsealed = TraceRow.objects.filter(sealed_in__isnull=True).count()
        answers = {key: [status, json.loads(body)["id"] if body else ""]
                   for key, status, body in IdempotencyKey.objects.values_list("key", "status", "body")}  # fmt: skip
        counties = sorted(set(TraceRow.objects.values_list("county", flat=True).distinct()))
    return {
        "cases": {one: case.words for one, case in cases.items()},
        "numbers": len({case.number for case in cases.values()}),
        "answers": answers,
        "unsealed": unsealed,
        "problems": [str(problem) for county in counties for problem in sealing.verify(county).problems],
        **counted,
    }


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps({"seed": seed, "count": count}[sys.argv[1]](*sys.argv[2:])) + "\n")
