"""What is done in the installation of the chaos test: ``python -m tests.browser.field.inside seed``. Prints one line of JSON."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from io import BytesIO
from typing import Any

import django

SITES, NOTICES = 14, 8


def seed() -> dict[str, Any]:
    """Fill the database with a member's grid, sites, plan, handbook and notices; return what acts need."""
    from safegrid.foundation import clock
    from safegrid.grids.models import EvidenceKind, GateEvidence
    from safegrid.notices.models import Notice
    from safegrid.patrols.tests.planning import Patch
    from tests.cast import Cast
    from tests.setting import SINCE

    cast = Cast()
    cast.everything()
    patch = Patch(cast, sites=SITES)
    patch.plan()
    planned = {str(one.site_id): str(one.id) for one in patch.open()}
    member = cast.grid_member
    # With them the postings stay in force when the installation's own worker looks at its gates.
    GateEvidence.objects.bulk_create(
        GateEvidence(county=cast.county, member=cast.member_of(member), kind=kind, number="1", issued_on=SINCE)
        for kind in EvidenceKind.values
    )
    notices = Notice.objects.bulk_create(
        Notice(county=cast.county, recipient_id=member.id, kind="cases.report", title=f"第 {n} 条通知", key=f"chaos-{n}",
               created_at=clock.now()) for n in range(NOTICES)
    )  # fmt: skip
    return {
        "username": member.username, "password": cast.password, "county": cast.county, "kind": cast.general_kind.code,
        "kind_name": cast.general_kind.name, "notices": [str(one.id) for one in notices],
        "sites": [{"id": str(one.id), "name": one.name, "longitude": one.longitude, "latitude": one.latitude,
                   "planned": planned.get(str(one.id))} for one in sorted(patch.sites, key=lambda one: str(one.id) not in planned)],
    }  # fmt: skip


def count() -> dict[str, Any]:
    """Return every operation in the order stored, and what each left behind."""
    from safegrid.cases.models import Case
    from safegrid.field.models import FieldOperation
    from safegrid.foundation import sealing
    from safegrid.foundation.keys import cross_county
    from safegrid.foundation.models import TraceRow
    from safegrid.notices.models import Notice
    from safegrid.patrols.models import PlannedVisit, Visit

    sealing.seal_all()
    with cross_county("a test counts everything there is"):
        operations = [
            {"id": str(one.operation_id), "kind": one.kind, "at": one.happened_at.timestamp(), "result": one.result}
            for one in FieldOperation.objects.order_by("received_at", "id")
        ]
        counties = sorted(set(TraceRow.objects.values_list("county", flat=True).distinct()))
        return {
            "operations": operations,
            "cases": [[str(one.id), one.words, one.found_at.timestamp()] for one in Case.objects.all()],
            "visits": [[str(one.id), str(one.device_id), one.visited_at.timestamp()] for one in Visit.objects.all()],
            "skips": {str(one.id): one.skips for one in PlannedVisit.objects.filter(skips__gt=0)},
            "read": [str(one) for one in Notice.objects.filter(read_at__isnull=False).values_list("id", flat=True)],
            "pictures": _pictures(),
            "problems": [str(problem) for county in counties for problem in sealing.verify(county).problems],
        }


def _pictures() -> dict[str, list[dict[str, Any]]]:
    """Return, by the row that uses them, the camera's hash of each picture and the colour of its upper half."""
    from django.core.files.storage import default_storage
    from PIL import Image

    from safegrid.field.models import FieldUpload
    from safegrid.files.models import AttachmentUse
    from safegrid.files.services import path_of

    by_attachment = {one.attachment_id: one for one in FieldUpload.objects.filter(attachment_id__isnull=False)}
    found = defaultdict(list)
    for use in AttachmentUse.objects.select_related("attachment").order_by("position"):
        upload = by_attachment.get(use.attachment_id)
        if upload is None:
            continue
        with default_storage.open(path_of(use.attachment)) as file:
            image = Image.open(BytesIO(file.read())).convert("RGB")
        colour = image.getpixel((image.width // 2, image.height // 8))
        taken = use.attachment.taken_at.timestamp() if use.attachment.taken_at else None
        found[str(use.object_id)].append({"camera": upload.camera_sha256, "colour": colour, "taken": taken})
    return dict(found)


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps({"seed": seed, "count": count}[sys.argv[1]]()) + "\n")
