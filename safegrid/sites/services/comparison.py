"""Comparing our register with an extract of another one (market registration), and settling what differs."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted, WrongState
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import (
    CREATED,
    UNCHANGED,
    CellError,
    Column,
    ImportReport,
    Outcome,
    ParsedRow,
    Table,
    parsers,
    read_rows,
    refused,
    run_import,
)
from safegrid.sites.access import can_at, require_at
from safegrid.sites.checks import check_credit_code
from safegrid.sites.models import (
    DifferenceKind,
    RegisterDifference,
    RegisterExtract,
    Settlement,
    Site,
    SiteStatus,
    SiteType,
)
from safegrid.sites.places import PlaceError, Places
from safegrid.sites.selectors import FITTING
from safegrid.sites.services.registry import change_site, close_site, register_site, reopen_site

BATCH = 1000
GONE = (SiteStatus.CLOSED, SiteStatus.MOVED)


def credit_code(cell: Any) -> str:
    """Parse a cell that holds a unified social credit code."""
    try:
        return check_credit_code(parsers.as_text(cell))
    except ValueError as error:
        raise CellError(str(error)) from error


REGISTER_TABLE = Table(
    (
        Column("credit_code", ("统一社会信用代码", "社会信用代码", "信用代码"), credit_code),
        Column("name", ("名称", "企业名称", "市场主体名称", "单位名称"), parsers.text(max_length=200), required=True),
        Column("address", ("住所", "地址", "经营场所", "住所（经营场所）"), parsers.text(max_length=200)),
        Column(
            "state",
            ("登记状态", "经营状态", "状态"),
            parsers.choice(
                {"active": "存续", "closed": "注销"},
                aliases={"在业": "active", "开业": "active", "正常": "active", "在营": "active",
                         "吊销": "closed", "吊销未注销": "closed", "迁出": "closed", "撤销": "closed"},
            ),
            default="active",
        ),
        Column("town", ("乡镇", "乡镇（街道）", "街道"), parsers.text(max_length=60)),
        Column("village", ("村", "村（社区）", "社区"), parsers.text(max_length=60)),
    )
)  # fmt: skip


def same_words(words: str) -> str:
    """Fold what is written differently for one name or address: width, spaces, brackets and punctuation."""
    return re.sub(r"[\s\W_]+", "", unicodedata.normalize("NFKC", words)).casefold()


@transaction.atomic
def compare_register(
    *,
    acting_user: Actor | None,
    county: int,
    path: str | Path,
    name: str,
    taken_on: date,
    is_complete: bool = False,
    progress: Callable[[int], None] | None = None,
) -> tuple[RegisterExtract, ImportReport]:
    """Compare an extract (Excel or CSV, the columns of ``REGISTER_TABLE``) with the register; leaves a work list.

    Sites are found by credit code, those without one by name and address. New: in the extract, not with us. Closed: ended
    there, in force here; where the extract ``is_complete``, also what it does not hold. Moved: another address.
    Raises ``TabularError`` for an unreadable file. The report tells the refused rows.
    """
    require_at(acting_user, "compare_register", county)
    now = clock.now()
    extract = RegisterExtract(county=county, name=name[:200], taken_on=taken_on, is_complete=is_complete, compared_at=now,
                              compared_by_id=acting_user.id if acting_user else None)  # fmt: skip
    extract.save(force_insert=True)
    comparison = _Comparison(extract, Places.of(county))
    with read_rows(path) as rows:
        report = run_import(REGISTER_TABLE, rows, apply=comparison.compare, mode="skip_bad", progress=progress)
    if is_complete:
        comparison.look_for_absent()
    RegisterExtract.objects.filter(county=county, id=extract.id).update(rows=report.read, refused=report.refused)
    extract.rows, extract.refused = report.read, report.refused
    trace.record(acting_user=acting_user, action="sites.compare_register", target=extract, changes={
        "name": name, "taken_on": taken_on, "is_complete": is_complete, "rows": report.read, **comparison.counts})  # fmt: skip
    return extract, report


@dataclass
class _Comparison:
    extract: RegisterExtract
    places: Places
    seen: dict[int, int] = field(default_factory=dict)  # hash of the key → row
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DifferenceKind.values, 0))

    def compare(self, rows: list[ParsedRow]) -> list[Outcome]:
        county = self.extract.county
        codes = {row.values["credit_code"] for row in rows} - {None}
        names = {row.values["name"] for row in rows}
        ours = Site.objects.filter(county=county)
        by_code: dict[str, list[Site]] = {}
        for site in ours.filter(credit_code__in=codes):
            by_code.setdefault(site.credit_code, []).append(site)
        by_name: dict[str, list[Site]] = {}
        for site in ours.filter(credit_code="", name__in=names):
            by_name.setdefault(site.name, []).append(site)
        outcomes: list[Outcome] = []
        found: list[RegisterDifference] = []
        for row in rows:
            key = row.values["credit_code"] or digest(row.values["name"], row.values["address"] or "")
            first = self.seen.setdefault(hash(key), row.number)
            if first != row.number:
                outcomes.append(refused(f"与第 {first} 行是同一主体"))
                continue
            difference = self._difference(row.values, key, by_code, by_name)
            found += [difference] if difference else []
            outcomes.append(CREATED if difference else UNCHANGED)
        self._write(found)
        return outcomes

    def _difference(
        self, values: Mapping[str, Any], key: str, by_code: Mapping[str, list[Site]], by_name: Mapping[str, list[Site]]
    ) -> RegisterDifference | None:
        address = same_words(values["address"] or "")
        sites = by_code.get(values["credit_code"] or "", []) or [
            site for site in by_name.get(values["name"], []) if not address or same_words(site.address) in ("", address)
        ]
        present = [site for site in sites if site.status not in GONE]
        if values["state"] == "closed":
            return self._made(DifferenceKind.CLOSED, key, values, present[0]) if present else None
        if not present:
            return self._made(DifferenceKind.NEW, key, values, sites[0] if sites else None)
        here = any(same_words(site.address) == address for site in present)
        if not address or here or not any(site.address for site in present):
            return None
        return self._made(DifferenceKind.MOVED, key, values, present[0])

    def _made(self, kind: DifferenceKind, key: str, values: Mapping[str, Any], site: Site | None) -> RegisterDifference:
        town, village = site.town if site else "", site.village if site else ""
        if kind != DifferenceKind.CLOSED:
            # The extract's place is a help, not a condition: whoever settles the line names the place.
            with suppress(PlaceError):
                town, village = self.places.find(values["town"] or "", values["village"] or "")
        return RegisterDifference(
            county=self.extract.county, extract=self.extract, kind=kind, key=key, site=site, town=town, village=village,
            credit_code=values["credit_code"] or "", name=values["name"],
            found={"address": values["address"] or "", "state": values["state"]},
        )  # fmt: skip

    def look_for_absent(self) -> None:
        """List our sites in force whose credit code a complete extract does not hold."""
        ours = Site.objects.filter(county=self.extract.county).exclude(status__in=GONE).exclude(credit_code="")
        last = None
        while page := list((ours.filter(id__gt=last) if last else ours).order_by("id")[:BATCH]):
            absent = {site.credit_code: site for site in page if hash(site.credit_code) not in self.seen}
            for code in absent:
                self.seen[hash(code)] = 0
            nothing = {"address": "", "state": "absent", "town": "", "village": ""}
            self._write([
                self._made(DifferenceKind.CLOSED, code, {**nothing, "credit_code": code, "name": site.name}, site)
                for code, site in absent.items()
            ])  # fmt: skip
            last = page[-1].id

    def _write(self, rows: Iterable[RegisterDifference]) -> None:
        made = RegisterDifference.objects.bulk_create(list(rows), batch_size=500)
        for row in made:
            self.counts[row.kind] += 1


def digest(name: str, address: str) -> str:
    """Return the key of an entry without a credit code."""
    return hashlib.sha256(f"{same_words(name)}\n{same_words(address)}".encode()).hexdigest()[:40]


@transaction.atomic
def settle_difference(
    *,
    acting_user: Actor | None,
    difference: RegisterDifference,
    settle_as: str,
    reason: str = "",
    values: Mapping[str, Any] | None = None,
) -> RegisterDifference:
    """Settle one line of the work list: ``register`` it, ``close`` ours, ``move`` ours to the address found, or ``ignore``
    it with a reason. ``values`` complete what the extract does not know (site_type, town, village, position with datum).

    Raises ``InvalidInput``, ``NotPermitted``, ``WrongState`` when it was settled before, and what the verb used raises.
    """
    county, given = difference.county, dict(values or {})
    if not can_at(acting_user, "settle_difference", county, difference.town, difference.village):
        raise NotPermitted("只有牵头部门或所在乡镇的安监站可以处理比对差异")
    if settle_as not in FITTING[difference.kind]:
        raise InvalidInput({"settle_as": "这种差异不能这样处理"})
    if settle_as in (Settlement.IGNORE, Settlement.CLOSE) and not reason.strip():
        raise InvalidInput({"reason": "请填写处理说明"})
    if len(reason) > 200:
        raise InvalidInput({"reason": "处理说明不超过 200 字"})
    now, settler = clock.now(), acting_user.id if acting_user else None
    waiting = RegisterDifference.objects.filter(county=county, id=difference.id, settled_at__isnull=True)
    if not waiting.update(settled_at=now, settled_by_id=settler, settled_as=settle_as, settled_how=reason.strip()):
        raise WrongState("这条差异已经处理过")
    site = _settle(acting_user, difference, settle_as, reason, given)
    if site is not None:
        RegisterDifference.objects.filter(county=county, id=difference.id).update(site_id=site.id)
    trace.record(acting_user=acting_user, action="sites.settle_difference", target=difference, changes={
        "settle_as": settle_as, "reason": reason.strip(), "site": site.id if site else None})  # fmt: skip
    return RegisterDifference.objects.get(county=county, id=difference.id)


def _settle(
    user: Actor | None, difference: RegisterDifference, settle_as: str, reason: str, given: dict[str, Any]
) -> Site | None:
    county, address = difference.county, difference.found.get("address", "")
    if settle_as == Settlement.REGISTER and difference.site_id is None:
        known = {"name": difference.name, "credit_code": difference.credit_code, "address": address,
                 "town": difference.town, "village": difference.village, "site_type": SiteType.ENTERPRISE}  # fmt: skip
        return register_site(acting_user=user, county=county, values={**known, **given}, source="市场主体登记比对")
    if settle_as == Settlement.IGNORE:
        return None
    assert difference.site_id is not None  # only what is new stands without a site
    site: Site = Site.objects.get(county=county, id=difference.site_id)
    if settle_as == Settlement.REGISTER:  # it had been closed here
        return reopen_site(acting_user=user, site=site, reason=reason.strip() or "市场主体登记比对：仍在业")
    if settle_as == Settlement.CLOSE:
        return close_site(acting_user=user, site=site, reason=reason)
    return change_site(acting_user=user, site=site, values={"address": address, **given})
