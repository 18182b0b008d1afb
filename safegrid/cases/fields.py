"""What people fill in when they use a verb; API, console and field app build their forms from these entries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_noop as _


class Kind(StrEnum):
    """How a field is entered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    PHOTOS = "photos"  # list of attachment ids
    DEGREES = "degrees"  # WGS 84
    MOMENT = "moment"
    DATE = "date"
    MONEY = "money"  # yuan
    YES_NO = "yes_no"
    DEPARTMENT = "department"
    USER = "user"
    CASE = "case"
    SITE = "site"
    HAZARD_KIND = "hazard_kind"
    SEVERITY = "severity"
    RULE = "rule"
    TIMER = "timer"
    APPEAL = "appeal"
    CHANNEL = "channel"
    REGION = "region"


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    kind: Kind
    max_length: int = 0


ALL = (
    Field("kind", _("隐患类别"), Kind.HAZARD_KIND),
    Field("severity", _("严重程度"), Kind.SEVERITY),
    Field("channel", _("来源渠道"), Kind.CHANNEL),
    Field("words", _("情况说明"), Kind.LONG_TEXT, 1000),
    Field("place", _("地点（监管对象、位置或文字描述）"), Kind.TEXT),
    Field("site", _("监管对象"), Kind.SITE),
    Field("place_words", _("地点描述"), Kind.TEXT, 200),
    Field("town", _("乡镇（街道）"), Kind.REGION),
    Field("village", _("村（社区）"), Kind.REGION),
    Field("attachment_ids", _("照片"), Kind.PHOTOS),
    Field("before_ids", _("整改前照片"), Kind.PHOTOS),
    Field("after_ids", _("整改后照片"), Kind.PHOTOS),
    Field("longitude", _("经度"), Kind.DEGREES),
    Field("latitude", _("纬度"), Kind.DEGREES),
    Field("suspected_major", _("疑似重大隐患"), Kind.YES_NO),
    Field("found_at", _("发现时间"), Kind.MOMENT),
    Field("reporter_name", _("反映人"), Kind.TEXT, 60),
    Field("reporter_phone", _("反映人电话"), Kind.TEXT, 20),
    Field("reason", _("理由"), Kind.LONG_TEXT, 500),
    Field("verifier_id", _("核实的网格员"), Kind.USER),
    Field("finding", _("核实情况"), Kind.LONG_TEXT, 1000),
    Field("into_id", _("并入的案件"), Kind.CASE),
    Field("department_id", _("部门"), Kind.DEPARTMENT),
    Field("rule_id", _("责任规则"), Kind.RULE),
    Field("referred_up_to", _("提请协调的上级"), Kind.REGION),
    Field("request", _("协办事项"), Kind.LONG_TEXT, 500),
    Field("result", _("处理结果"), Kind.LONG_TEXT, 1000),
    Field("text", _("责令整改内容"), Kind.LONG_TEXT, 2000),
    Field("deadline", _("期限"), Kind.MOMENT),
    Field("article", _("处罚依据条款"), Kind.TEXT, 200),
    Field("decision_number", _("决定书文号"), Kind.TEXT, 60),
    Field("amount", _("金额（元）"), Kind.MONEY),
    Field("body", _("接收单位"), Kind.TEXT, 100),
    Field("paper", _("文书编号"), Kind.TEXT, 100),
    Field("sent_at", _("上报时间"), Kind.MOMENT),
    Field("occurred_at", _("事故发生时间"), Kind.MOMENT),
    Field("is_fire_or_traffic", _("火灾或道路交通事故"), Kind.YES_NO),
    Field("until", _("延至"), Kind.MOMENT),
    Field("until_day", _("挂起至"), Kind.DATE),
    Field("interim_control", _("临时管控措施"), Kind.LONG_TEXT, 1000),
    Field("rechecker_id", _("复查人"), Kind.USER),
    Field("with_member_id", _("会同复查的网格员"), Kind.USER),
    Field("instruction", _("督办要求"), Kind.LONG_TEXT, 1000),
    Field("timer_id", _("超期的环节"), Kind.TIMER),
    Field("appeal_id", _("申诉"), Kind.APPEAL),
    Field("accepts", _("是否采纳"), Kind.YES_NO),
)
FIELDS = {field.name: field for field in ALL}
LABELS = {field.name: field.label for field in ALL}
