"""A server killed in the middle: what was acknowledged is there once, what was not can be repeated, nothing is half-written."""

from __future__ import annotations

import threading
import time
from http.client import HTTPException

from tests.faults.installation import Installation, installation  # noqa: F401 - a fixture

REPORTS, CLIENTS = 160, 4
KILLED_AFTER = (15, 40)  # acknowledged reports before each kill


class Clients:
    """Phones that report one after another, each report under a key of its own, until the server is gone."""

    def __init__(self, server: Installation, seeded: dict) -> None:
        self.server, self.seeded = server, seeded
        self.acknowledged: dict[int, str] = {}
        self.unanswered: set[int] = set()
        self.refused: list = []
        self._next, self._lock = iter(range(REPORTS)), threading.Lock()

    def send(self, n: int) -> tuple[int, dict]:
        body = {
            "kind": self.seeded["kind"], "words": f"第 {n} 号隐患", "site_id": self.seeded["site"],
            "attachment_ids": [self.seeded["photos"][n]],
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {self.seeded['token']}", "Idempotency-Key": f"report-{n}"}
        return self.server.request("POST", f"/api/v1/cases/{self.seeded['county']}", body, **headers)

    def _work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            with self._lock:
                n = next(self._next, None)
            if n is None:
                return
            try:
                status, said = self.send(n)
            except (OSError, HTTPException):
                self.unanswered.add(n)  # the phone does not know whether it was heard
                return
            if status == 201:
                self.acknowledged[n] = said["id"]
            else:
                self.refused.append((n, status, said))

    def until_killed(self, acknowledged: int) -> None:
        """Report from all phones at once; kill the server when so many reports have been acknowledged."""
        stop = threading.Event()
        threads = [threading.Thread(target=self._work, args=(stop,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        while len(self.acknowledged) < acknowledged and any(thread.is_alive() for thread in threads):
            time.sleep(0.002)
        self.server.kill()
        stop.set()
        for thread in threads:
            thread.join()


def test_a_killed_server_has_kept_every_acknowledged_report_once_and_nothing_halfway(installation):  # noqa: F811
    clients = Clients(installation, installation.inside("seed", str(REPORTS)))
    for acknowledged in KILLED_AFTER:
        installation.start()
        clients.until_killed(acknowledged)
    assert clients.refused == []
    assert len(clients.acknowledged) >= KILLED_AFTER[-1]
    assert clients.unanswered, "the kill met nobody in the middle"

    before = installation.inside("count")
    assert set(clients.acknowledged.values()) <= before["cases"].keys()
    assert not_whole(before) == []
    assert before["problems"] == []

    installation.start()
    for n in sorted(clients.unanswered):
        status, said = clients.send(n)
        assert status == 201, said
        clients.acknowledged[n] = said["id"]
    for n, case_id in clients.acknowledged.items():  # a phone that repeats what was heard hears the same again
        status, said = clients.send(n)
        assert (status, said["id"]) == (201, case_id)
    installation.kill()

    after = installation.inside("count")
    assert after["cases"] == {case_id: f"第 {n} 号隐患" for n, case_id in clients.acknowledged.items()}
    assert after["answers"] == {f"report-{n}": [201, case_id] for n, case_id in clients.acknowledged.items()}
    assert after["numbers"] == len(clients.acknowledged), "two cases share a number"
    assert not_whole(after) == []
    assert (after["unsealed"], after["problems"]) == (0, [])


def not_whole(counted: dict) -> list[str]:
    """Return what is missing of a case, or there without one."""
    wrong = []
    for part in ("trace", "timers", "photos", "notices"):
        wrong += [f"{part} of no case: {one}" for one in counted[part].keys() - counted["cases"].keys()]
        wrong += [f"{part}: {counted[part].get(one, 0)} of {one}" for one in counted["cases"]
                  if counted[part].get(one, 0) != 1]  # fmt: skip
    unanswered = [key for key, (status, _) in counted["answers"].items() if status != 201]
    return wrong + unanswered
