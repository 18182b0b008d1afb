"""What the queue's worker does for sites."""

from __future__ import annotations

from uuid import UUID

from safegrid.foundation.queue import periodic, task
from safegrid.sites import services, work


@task("sites.check_import")
def check_import(county: int, run_id: str) -> None:
    work.check(county, UUID(run_id))


@task("sites.apply_import")
def apply_import(county: int, run_id: str) -> None:
    work.apply(county, UUID(run_id))


@task("sites.compare_register")
def compare_register(county: int, run_id: str) -> None:
    work.compare(county, UUID(run_id))


@periodic("sites.direct_supervision", minutes=60)
def direct_supervision() -> int:
    return services.refresh_direct_supervision()
