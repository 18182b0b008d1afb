"""A replay shared by processes, where the database bears several writers: each has its own towns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from multiprocessing import connection as pipes
from multiprocessing import get_context
from typing import Any

from django.db import connections

from demo.replay.city import COUNTY
from demo.replay.run import Alone, Replay, Tally, Together
from demo.replay.source import Inspection
from safegrid.foundation.bulk import batches
from safegrid.foundation.errors import Refused
from safegrid.sites.selectors import by_codes

FORK = get_context("fork")
PATIENCE = 600  # seconds that one waits for another's day
Days = dict[date, list[Inspection]]
Make = Callable[[Together], Replay]


@dataclass
class Crew:
    """A process among those that share a replay, and how many steps each of them still has before it."""

    barrier: Any
    due: Any
    own: int

    def is_leader(self) -> bool:
        return bool(self.barrier.wait(PATIENCE) == 0)

    def meet(self) -> None:
        self.barrier.wait(PATIENCE)

    def any_due(self, own: int) -> bool:
        self.due[self.own] = own
        self.meet()
        found = any(self.due)
        self.meet()  # nobody says anew what is before it until all have looked
        return found


def play(make: Make, inspections: list[Inspection], processes: int) -> Iterator[int | Tally]:
    """Live through all inspections; yield how many are behind, time and again, and at last the sum of what came of them.

    Raises ``Refused`` when a process breaks off; what it had to say is on the terminal.
    """
    first, last = inspections[0].day, inspections[-1].day
    shares = _shares(inspections, processes)
    if processes == 1:
        replay = make(Alone())
        yield from replay.run(shares[0], first, last)
        yield replay.tally
        return
    barrier, due = FORK.Barrier(processes), FORK.Array("i", processes)
    connections.close_all()  # a connection belongs to one process
    team: dict[Any, Any] = {}
    for own, share in enumerate(shares):
        reader, writer = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_part, args=(make, Crew(barrier, due, own), share, first, last, writer))
        process.start()
        writer.close()  # so that the pipe ends with the process
        team[reader] = process
    yield from _follow(team, barrier)


def _follow(team: dict[Any, Any], barrier: Any) -> Iterator[int | Tally]:
    whole = Tally()
    waiting = dict(team)
    while waiting:
        ready: list[Any] = pipes.wait(list(waiting))
        for reader in ready:
            try:
                told = reader.recv()
            except EOFError:
                process = waiting.pop(reader)
                process.join()
                if process.exitcode != 0:
                    barrier.abort()  # the others wait for nobody then, and end
                continue
            if isinstance(told, Tally):
                whole.add(told)
            else:
                yield told
    if any(process.exitcode != 0 for process in team.values()):
        raise Refused("回放的一个进程中断了，原因见上面的输出")
    yield whole


def _part(make: Make, crew: Crew, share: Days, first: date, last: date, writer: Any) -> None:
    replay = make(crew)
    for behind in replay.run(share, first, last):
        if behind:
            writer.send(behind)
    writer.send(replay.tally)


def _shares(inspections: list[Inspection], processes: int) -> list[Days]:
    """Share the inspections among processes by the town of the premises, each town whole; those of no town go to the first."""
    towns: dict[str, str] = {}
    for codes in batches(sorted({one.license for one in inspections}), 1_000):
        towns |= {code: site.town for code, site in by_codes(COUNTY, codes).items()}
    load = Counter(towns.get(one.license, "") for one in inspections)
    shares: list[Days] = [{} for _ in range(processes)]
    full = [0] * processes
    whose = {}
    for town, number in sorted(load.items(), key=lambda pair: (-pair[1], pair[0])):
        whose[town] = least = full.index(min(full))
        full[least] += number
    for one in inspections:
        shares[whose[towns.get(one.license, "")]].setdefault(one.day, []).append(one)
    return shares
