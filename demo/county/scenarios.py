"""The courses that the demonstration's cases take: data. Each step is (verb, least and most hours after the one before)."""

from __future__ import annotations

from dataclasses import dataclass

Step = tuple[str, float, float]
ACCEPT: tuple[Step, ...] = (("register", 0.5, 4),)
SEND: tuple[Step, ...] = (*ACCEPT, ("dispatch", 0.5, 3))
HANDLE: tuple[Step, ...] = (*SEND, ("receive", 0.5, 6))
DISPOSE: tuple[Step, ...] = (*HANDLE, ("record_disposal", 3, 24))
RECTIFY: tuple[Step, ...] = (*DISPOSE, ("feed_back", 10, 110))
CHECK: tuple[Step, ...] = (*RECTIFY, ("assign_recheck", 1, 8), ("recheck_pass", 4, 40))
CLOSE: tuple[Step, ...] = (*CHECK, ("close", 1, 20))
AGAIN: tuple[Step, ...] = (("feed_back", 10, 60), ("assign_recheck", 1, 8), ("recheck_pass", 4, 40), ("close", 1, 20))


@dataclass(frozen=True)
class Scenario:
    """``count`` cases that take these steps. ``source``: how they come in. ``days_ago``: when, between most and least."""

    name: str
    count: int
    steps: tuple[Step, ...]
    source: str = "any"
    days_ago: tuple[float, float] = (88, 25)


RECENT = (5.0, 0.3)
SCENARIOS = (
    Scenario("结案", 236, CLOSE),
    Scenario("近期结案", 40, CLOSE, days_ago=(40, 18)),
    Scenario("限期整改后结案", 12, (*HANDLE, ("order_rectification", 3, 20), ("note_rectification", 30, 90), ("feed_back", 2, 24),
                                ("assign_recheck", 1, 8), ("recheck_pass", 4, 40), ("close", 1, 20)), "site"),
    Scenario("单位提交整改后结案", 24, (*HANDLE, ("order_rectification", 3, 20), ("submit_rectification", 12, 44),
                                  ("feed_back", 4, 30), ("assign_recheck", 1, 8), ("recheck_pass", 4, 40),
                                  ("close", 1, 20)), "site"),
    Scenario("处罚后结案", 12, (*DISPOSE, ("penalise", 20, 60), ("feed_back", 10, 60), ("assign_recheck", 1, 8),
                            ("recheck_pass", 4, 40), ("close", 1, 20)), "site"),
    Scenario("当场整改", 46, (("confirm_on_spot", 1, 20),), "spot"),
    Scenario("当场整改未获认可", 6, (("refuse_on_spot", 1, 20), *CLOSE), "spot"),
    Scenario("返工后结案", 16, (*RECTIFY, ("assign_recheck", 1, 8), ("recheck_fail", 4, 30), *AGAIN)),
    Scenario("核实后立案", 14, (("assign_verification", 0.5, 3), ("verify", 3, 20), *CLOSE), "told"),
    Scenario("延期后结案", 12, (*DISPOSE, ("request_extension", 5, 30), ("grant_extension", 2, 20), ("feed_back", 20, 100),
                            ("assign_recheck", 1, 8), ("recheck_pass", 4, 40), ("close", 1, 20))),
    Scenario("协同处置", 10, (*HANDLE, ("add_assistant", 1, 6), ("assist_receive", 1, 8), ("assist_feed_back", 5, 40),
                          ("feed_back", 10, 60), ("assign_recheck", 1, 8), ("recheck_pass", 4, 40), ("close", 1, 20))),
    Scenario("督办后结案", 8, (*HANDLE, ("supervise", 30, 90), ("record_disposal", 2, 10), ("answer_supervision", 2, 10),
                           ("feed_back", 4, 30), ("assign_recheck", 1, 8), ("recheck_pass", 4, 40), ("close", 1, 20))),
    Scenario("退回改派", 10, (*SEND, ("return_", 0.5, 3), ("redispatch", 0.5, 5), ("receive", 0.5, 6), *CLOSE[4:])),
    Scenario("争议裁定", 6, (*HANDLE, ("dispute", 2, 12), ("arbitrate", 6, 30), ("receive", 0.5, 6), *CLOSE[4:])),
    Scenario("重新开办", 6, (*CLOSE, ("reopen", 40, 120), *AGAIN), days_ago=(88, 55)),
    Scenario("重大隐患挂牌销号", 4, (*HANDLE, ("list_major", 1, 10), ("record_disposal", 2, 10), ("delist", 100, 150),
                              ("feed_back", 2, 20), ("assign_recheck", 1, 8), ("recheck_pass", 4, 12), ("close", 1, 20)), "major"),
    Scenario("不予受理", 20, (("reject", 0.5, 10),), "told"),
    Scenario("并案", 14, (("merge", 0.5, 5),), "any"),
    Scenario("作废", 5, (("cancel", 0.5, 10),)),
    Scenario("超期后结案", 14, (*DISPOSE, ("feed_back", 500, 700), ("assign_recheck", 1, 8), ("recheck_pass", 4, 40),
                           ("appeal_overdue", 1, 10), ("close", 5, 20)), days_ago=(85, 50)),
    Scenario("挂起中", 6, (*DISPOSE, ("request_suspension", 5, 30), ("grant_suspension", 2, 20)), days_ago=(60, 12)),
    Scenario("挂起后恢复", 4, (*DISPOSE, ("request_suspension", 5, 30), ("grant_suspension", 2, 20), ("resume", 100, 200),
                           *CLOSE[4:]), days_ago=(80, 50)),
    Scenario("待受理", 14, (), days_ago=(1.2, 0.02)),
    Scenario("久未受理", 3, (), days_ago=(6, 3)),
    Scenario("核实中", 4, (("assign_verification", 0.2, 1),), "told", (1.0, 0.1)),
    Scenario("已立案待派遣", 7, ACCEPT, days_ago=(1.2, 0.3)),
    Scenario("待接收", 8, SEND, days_ago=(1.5, 0.4)),
    Scenario("久未接收", 3, SEND, days_ago=(9, 5)),
    Scenario("已退回", 4, (*SEND, ("return_", 0.3, 1.5)), days_ago=(3, 0.5)),
    Scenario("协调中", 4, (*HANDLE, ("dispute", 1, 6)), days_ago=(5, 1.5)),
    Scenario("处置中", 26, DISPOSE, days_ago=(9, 2.5)),
    Scenario("处置超期", 8, DISPOSE, days_ago=(45, 24)),
    Scenario("待复查", 9, (*RECTIFY, ("assign_recheck", 1, 6)), days_ago=(9, 6.5)),
    Scenario("待结案", 5, CHECK, days_ago=(10, 8.5)),
)  # fmt: skip
