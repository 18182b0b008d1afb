"""What each step of a scenario does, by the person who would do it, through the service that the pages call."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from demo.county import COUNTY
from demo.county.staff import Staff, contact_at, photo_of
from safegrid.cases import selectors, services
from safegrid.duties.selectors import explain
from safegrid.foundation import clock
from safegrid.orgs.selectors import departments


class Acts:
    """One method for each step: takes the case as it stands and returns it as it then stands."""

    def __init__(self, rng: random.Random, staff: Staff) -> None:
        self.random, self.staff = rng, staff

    def carry_out(self, verb: str, case: Any) -> Any:
        """Do one step; verbs without a method of their own need nothing but the case."""
        return getattr(self, verb)(case)

    def _town(self, case: Any) -> Any:
        return self.staff.town_officers[case.town]

    def _officer(self, case: Any) -> Any:
        return self.staff.officers[case.department_id]

    def _photo(self, user: Any) -> dict[str, Any]:
        return {"acting_user": user, "attachment_ids": [photo_of(self.staff, user)]}

    def _at(self, case: Any) -> dict[str, Any]:
        longitude, latitude = case.longitude or 120.02, case.latitude or 30.56
        return {"longitude": longitude, "latitude": latitude}

    def _later(self, **wait: float) -> Any:
        return clock.now() + timedelta(**wait)

    def register(self, case: Any) -> Any:
        by = self._town(case) if case.severity == "minor" else self.staff.lead
        return services.register(acting_user=by, case=case, kind=case.kind, severity=case.severity)

    def reject(self, case: Any) -> Any:
        reason = self.random.choice(["经核实不属于安全生产问题", "反映的情况不属实", "同一问题已由部门处理完毕"])
        return services.reject(acting_user=self._town(case), case=case, reason=reason)

    def cancel(self, case: Any) -> Any:
        return services.cancel(acting_user=self.staff.chief, case=case, reason="误报，已与上报人核实")

    def merge(self, case: Any) -> Any:
        others = selectors.cases(self.staff.lead, COUNTY).filter(state__in=["registered", "dispatched", "handling"])
        into: Any = others.exclude(id=case.id).order_by("-reported_at").first()
        return services.merge(acting_user=self.staff.lead, case=case, into_id=into.id, reason="同一问题重复上报")

    def dispatch(self, case: Any) -> Any:
        found = explain(county=COUNTY, site=case.site, hazard_kind=case.kind, town=case.town, village=case.village)
        return services.dispatch(acting_user=self.staff.lead, case=case, department_id=found.main.id)

    def redispatch(self, case: Any) -> Any:
        other = self._another(case)
        return services.dispatch(acting_user=self.staff.lead, case=case, department_id=other.id, reason="退回后改派")

    def _another(self, case: Any) -> Any:
        fitting = [
            body for body in departments(COUNTY) if body.id != case.department_id and body.code in ("EMB", "MSB", "FRB")
        ]
        return self.random.choice(fitting)

    def receive(self, case: Any) -> Any:
        return services.receive(acting_user=self._officer(case), case=case)

    def return_(self, case: Any) -> Any:
        return services.return_(acting_user=self._officer(case), case=case, reason="不属本部门职责，建议改派")

    def dispute(self, case: Any) -> Any:
        return services.dispute(acting_user=self._officer(case), case=case, reason="经营范围涉及两个部门，职责有争议")

    def arbitrate(self, case: Any) -> Any:
        return services.arbitrate(acting_user=self.staff.lead, case=case, department_id=self._another(case).id,
                                  reason="按三管三必须协调确定")  # fmt: skip

    def record_disposal(self, case: Any) -> Any:
        words = self.random.choice(["现场检查，责令立即改正", "约谈负责人，督促整改", "现场指导清理"])
        return services.record_disposal(**self._photo(self._officer(case)), case=case, words=words)

    def order_rectification(self, case: Any) -> Any:
        deadline = self._later(days=2, hours=self.random.randint(1, 8))
        text = "限期消除隐患，整改期间落实防范措施"
        return services.order_rectification(acting_user=self._officer(case), case=case, text=text, deadline=deadline)

    def submit_rectification(self, case: Any) -> Any:
        contact = contact_at(self.random, self.staff, case.site)
        words = self.random.choice(
            ["已按要求整改完毕，请复查", "隐患部位已更换并张贴警示", "通道已清空，安排专人每日巡查"]
        )
        return services.submit_rectification(**self._photo(contact), case=case, words=words)

    def note_rectification(self, case: Any) -> Any:
        return services.record_disposal(
            **self._photo(self._officer(case)), case=case, words="单位已提交整改材料，现场核对"
        )

    def penalise(self, case: Any) -> Any:
        number = f"德应急罚〔2026〕{self.random.randrange(10**6):06d}号"
        return services.penalise(
            acting_user=self._officer(case), case=case, article="安全生产法第一百零二条", decision_number=number,
            amount=self.random.choice([2000, 5000, 10000]), words="未采取措施消除事故隐患",
        )  # fmt: skip

    def request_extension(self, case: Any) -> Any:
        until = (case.due_at or clock.now()) + timedelta(hours=20)
        return services.request_extension(
            acting_user=self._officer(case), case=case, until=until, reason="配件到货延迟"
        )

    def grant_extension(self, case: Any) -> Any:
        return services.grant_extension(acting_user=self.staff.lead, case=case, words="同意")

    def request_suspension(self, case: Any) -> Any:
        until = clock.today() + timedelta(days=self.random.randint(60, 200))
        return services.request_suspension(
            acting_user=self._officer(case), case=case, until_day=until, reason="整体搬迁改造，需待工程完工",
            interim_control="停用相关设备，每日巡查并记录",
        )  # fmt: skip

    def grant_suspension(self, case: Any) -> Any:
        return services.grant_suspension(acting_user=self.staff.lead, case=case, words="同意，落实过渡期措施")

    def resume(self, case: Any) -> Any:
        return services.resume(acting_user=self._officer(case), case=case, words="条件已具备")

    def feed_back(self, case: Any) -> Any:
        return services.feed_back(**self._photo(self._officer(case)), case=case, result="隐患已消除，详见照片")

    def assign_recheck(self, case: Any) -> Any:
        member = self.staff.members.get(case.grid_id)
        charged = member if member is not None and case.severity == "major" else self._town(case)
        return services.assign_recheck(acting_user=self._town(case), case=case, rechecker_id=charged.id)

    def recheck_pass(self, case: Any) -> Any:
        with_member: dict[str, Any] = {}
        by = self._town(case)
        if case.severity == "major":
            by = next(o for key, o in self.staff.officers.items() if key == case.department_id)
            with_member["with_member_id"] = case.rechecker_id
        return services.recheck_pass(
            **self._photo(by), **self._at(case), case=case, words="现场复查合格", **with_member
        )

    def recheck_fail(self, case: Any) -> Any:
        return services.recheck_fail(
            **self._photo(self._town(case)), **self._at(case), case=case, reason="整改不到位，隐患仍在"
        )

    def close(self, case: Any) -> Any:
        by = self._town(case) if case.severity == "minor" else self.staff.lead
        return services.close(acting_user=by, case=case)

    def reopen(self, case: Any) -> Any:
        return services.reopen(acting_user=self.staff.lead, case=case, reason="群众反映问题反弹")

    def confirm_on_spot(self, case: Any) -> Any:
        return services.confirm_on_spot(acting_user=self._town(case), case=case)

    def refuse_on_spot(self, case: Any) -> Any:
        return services.refuse_on_spot(acting_user=self._town(case), case=case, reason="照片看不出已整改")

    def assign_verification(self, case: Any) -> Any:
        member = self.staff.members[case.grid_id]
        return services.assign_verification(acting_user=self._town(case), case=case, verifier_id=member.id)

    def verify(self, case: Any) -> Any:
        member = self.staff.members[case.grid_id]
        return services.verify(**self._photo(member), **self._at(case), case=case, finding="情况属实")

    def add_assistant(self, case: Any) -> Any:
        return services.add_assistant(acting_user=self.staff.lead, case=case, department_id=self._another(case).id,
                                      request="请派员协助现场处置")  # fmt: skip

    def assist_receive(self, case: Any) -> Any:
        return services.assist_receive(acting_user=self._assistant(case), case=case)

    def assist_feed_back(self, case: Any) -> Any:
        return services.assist_feed_back(acting_user=self._assistant(case), case=case, result="已协助完成现场处置")

    def _assistant(self, case: Any) -> Any:
        return self.staff.officers[case.assistances.first().department_id]

    def supervise(self, case: Any) -> Any:
        return services.supervise(acting_user=self.staff.leader, case=case, instruction="请抓紧整改，确保节前完成",
                                  deadline=self._later(days=3))  # fmt: skip

    def answer_supervision(self, case: Any) -> Any:
        return services.answer_supervision(
            acting_user=self._officer(case), case=case, result="已按要求推进，预计两日内完成"
        )

    def list_major(self, case: Any) -> Any:
        return services.list_major(
            acting_user=self.staff.chief, case=case, reason="重大隐患挂牌督办", deadline=self._later(days=20)
        )

    def delist(self, case: Any) -> Any:
        return services.delist(acting_user=self.staff.chief, case=case, reason="隐患已消除，予以销号")

    def appeal_overdue(self, case: Any) -> Any:
        timer = next((t for t in selectors.timers_of(case) if t.stage == "handle" and t.state != "on_time"), None)
        if timer is None:
            return case
        case = services.appeal_overdue(
            acting_user=self._officer(case), case=case, timer_id=timer.id, reason="等待设备厂家停产检修窗口"
        )
        appeal = case.appeals.first()
        case = services.decide_appeal(
            acting_user=self.staff.lead, case=case, appeal_id=appeal.id, accepts=True, words="情况属实"
        )
        return services.decide_appeal(acting_user=self.staff.second_lead, case=case, appeal_id=appeal.id, accepts=True,
                                      words="同意")  # fmt: skip
