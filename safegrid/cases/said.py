"""Finding cases by words: what is kept of each case for it, and the condition that asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from safegrid.cases.models import Case, CaseWords
from safegrid.foundation import bulk, grams
from safegrid.foundation.errors import InvalidInput

TABLE, COLUMN = CaseWords._meta.db_table, "grams"
BATCH = 1000
PARTS = ("words", "place_words", "site__name")


def keep(case: Case, site_name: str) -> None:
    """Keep the words of a new case, in the transaction that brings it in."""
    bulk.insert_objects([_words(case.county, case.id, (case.words, case.place_words, site_name))])


def follow_names(county: int, site_ids: Collection[UUID]) -> None:
    """Sites have another name: their cases are found by it from now on."""
    rows = Case.objects.filter(county=county, site_id__in=list(site_ids)).order_by("id")
    for batch in bulk.batches(rows.values_list("id", *PARTS).iterator(BATCH), BATCH):
        CaseWords.objects.filter(county=county).bulk_update(_all_words(county, batch), ["text", "grams"], BATCH)


def keep_missing(county: int) -> int:
    """Keep the words of all cases that have none kept, as after rows were copied in; return how many."""
    rows = Case.objects.filter(county=county).exclude(id__in=CaseWords.objects.filter(county=county).values("id"))
    done = 0
    for ids in bulk.batches(list(rows.order_by("id").values_list("id", flat=True)), BATCH):
        found = Case.objects.filter(county=county, id__in=ids).values_list("id", *PARTS)
        made = _all_words(county, found)
        bulk.insert(CaseWords, ["id", "county", "text", "grams"], [(r.id, r.county, r.text, r.grams) for r in made])
        done += len(made)
    return done


def saying(rows: QuerySet[Case], words: str, county: int | None) -> QuerySet[Case]:
    """Narrow ``rows`` to the cases in whose report, place or site's name each of ``words`` stands (spaces divide them).

    ``county`` None asks across counties, inside ``cross_county``. Raises ``InvalidInput`` where no two characters stand together:
    single ones are in almost every case.
    """
    parts = grams.folded(words).split()
    wanted = grams.keys(parts)
    if not wanted:
        raise InvalidInput({"words": "请至少输入两个连着的字"})
    found = CaseWords.objects.filter(grams__holds=grams.telling(TABLE, COLUMN, wanted))
    if county is not None:
        found = found.filter(county=county)
    for part in parts:
        found = found.filter(text__contains=part)
    return rows.filter(id__in=found.values("id"))


def _all_words(county: int, rows: Iterable[Any]) -> list[CaseWords]:
    return [_words(county, case_id, words) for case_id, *words in rows]


def _words(county: int, case_id: UUID, words: Iterable[str | None]) -> CaseWords:
    lines = [" ".join(grams.folded(one or "").split()) for one in words]
    return CaseWords(id=case_id, county=county, text="\n".join(lines), grams=grams.keys(lines))
