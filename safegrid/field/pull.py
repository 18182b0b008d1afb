"""What a phone is given: what changed of the rows it has, what is new, and what is no longer its user's."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError

from safegrid.field import access, snapshots
from safegrid.field.assembly import offer
from safegrid.field.models import FieldDevice
from safegrid.field.snapshots import State
from safegrid.foundation import clock
from safegrid.foundation.faults import describe
from safegrid.foundation.fieldwork import Feed
from safegrid.foundation.scope import Actor

logger = logging.getLogger("safegrid.field")
MOST_ROWS, MOST_LETTERS = 500, 150_000  # of one answer; some 300 KB, most letters being Chinese


@dataclass
class Page:
    """One answer in the making: rows as JSON texts by feed."""

    rows: dict[str, list[str]] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)
    unavailable: list[str] = field(default_factory=list)
    count: int = 0
    letters: int = 0

    @property
    def is_full(self) -> bool:
        return self.count >= MOST_ROWS or self.letters >= MOST_LETTERS

    def put(self, kept: dict[str, list[str]], feed: str, text: str) -> None:
        kept.setdefault(feed, []).append(text)
        self.count += 1
        self.letters += len(text)


def pull(*, acting_user: Actor, device: FieldDevice, cursor: str) -> str:
    """Return the answer, as JSON, to a phone that has the state named by ``cursor`` ("" or a spoilt one: nothing).

    Of a user who works with the app no more, everything is gone.
    """
    known = snapshots.state_at(device, cursor)
    base, page = known or State(), Page()
    new = State(feeds={name: dict(rows) for name, rows in base.feeds.items()})
    feeds = offer().feeds if access.works_in(acting_user, device.county) else {}
    for name in _order(feeds, base):
        if page.is_full:
            new.at = name
            break
        if not _add_changes(page, new.feeds, name, _rows(page, feeds.get(name), name, acting_user, device.county)):
            new.at = name
            break
    told = snapshots.offer(device, cursor if known else "", base, new)
    return _answer(page, told, more=bool(new.at), reset=known is None)


def _order(feeds: Mapping[str, Feed], base: State) -> list[str]:
    """Return the names of the feeds to read: all, or from where the last page ended; first what nobody offers any more."""
    gone = sorted(base.feeds.keys() - feeds.keys())
    names = [*feeds]
    return [*gone, *(names[names.index(base.at) :] if base.at in feeds else names)]


def _rows(page: Page, feed: Feed | None, name: str, user: Actor, county: int) -> dict[str, str] | None:
    """Return a feed's rows as JSON by id; None where they cannot be read now: the phone keeps those it has."""
    if feed is None:
        return {}
    try:
        return {key: _text({**row, "id": key}) for key, row in feed.rows(user, county)}
    except OperationalError:
        raise
    except Exception as error:
        logger.error("feed %s failed: %s", name, describe(error))
        page.unavailable.append(name)
        return None


def _add_changes(page: Page, had: dict[str, dict[str, str]], name: str, rows: dict[str, str] | None) -> bool:
    """Add what differs between ``rows`` and what the phone has, and note it as given; False where the page is full before."""
    if rows is None:
        return True
    kept = had.setdefault(name, {})
    for key in [key for key in kept if key not in rows]:
        if page.is_full:
            return False
        page.put(page.gone, name, key)
        del kept[key]
    for key, text in rows.items():
        mark = snapshots.short_hash(text)
        if kept.get(key) != mark:
            if page.is_full:
                return False
            page.put(page.rows, name, text)
            kept[key] = mark
    if not kept:
        del had[name]
    return True


def _text(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _answer(page: Page, cursor: str, *, more: bool, reset: bool) -> str:
    # The rows are JSON already: they are neither parsed nor checked again, which would take longer than all the rest.
    names: Iterable[str] = dict.fromkeys([*page.rows, *page.gone])
    feeds = ",".join(
        f'{_text(name)}:{{"rows":[{",".join(page.rows.get(name, ()))}],"gone":{_text(page.gone.get(name, []))}}}'
        for name in names
    )
    head = _text({"cursor": cursor, "more": more, "reset": reset, "server_time": clock.now(),
                  "unavailable": page.unavailable})  # fmt: skip
    return f'{head[:-1]},"feeds":{{{feeds}}}}}'
