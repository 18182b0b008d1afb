"""The columns of a table of sites, as counties keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from safegrid.foundation.tabular import CellError, Column, Table, parsers
from safegrid.sites.checks import MOST_EMPLOYEES, check_credit_code
from safegrid.sites.industries import read_industry
from safegrid.sites.models import RiskGrade, Scale, SiteStatus, SiteType
from safegrid.sites.opening import read_opening_hours


def labels(choices: Any) -> dict[str, str]:
    return {value: str(label) for value, label in choices.choices}


def _cell(read: Callable[[str], str], written: Callable[[Any], str] = parsers.as_text) -> Callable[[Any], str]:
    """Read a cell as forms read the same value; ``written``: the cell's text."""

    def parse(cell: Any) -> str:
        try:
            return read(written(cell))
        except ValueError as error:
            raise CellError(str(error)) from error

    return parse


def _division(cell: Any) -> str:
    """Excel drops the leading zero of divisions 01 to 09."""
    written = parsers.as_text(cell).strip()
    return "0" + written if isinstance(cell, int | float) and len(written) in (1, 3) else written


def _whole(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if (values["longitude"] is None) != (values["latitude"] is None):
        yield "longitude", "经度和纬度须同时填写"
    if values["contact_phone"] and not values["contact_name"]:
        yield "contact_name", "填写了电话，请同时填写联系人"
    if bool(values["direct_authority"]) != bool(values["direct_reason"]):
        yield "direct_authority", "直接监管部门和直接监管理由须同时填写"


_text = parsers.text
SITE_TABLE = Table(
    (
        Column("code", ("对象编码", "监管对象编码", "编码", "编号"), _text(max_length=40),
               help="本系统或本县台账的唯一编码；重新导入时按它更新"),
        Column("name", ("名称", "监管对象名称", "单位名称", "企业名称", "场所名称"), _text(max_length=200), required=True),
        Column(
            "site_type",
            ("类型", "对象类型", "监管对象类型"),
            parsers.choice(
                labels(SiteType),
                aliases={"企业": "enterprise", "商铺": "shop", "作坊": "workshop", "娱乐场所": "venue", "住户": "household",
                         "家庭": "household", "公共场所": "public_place"},
            ),
            required=True,
        ),
        Column("industry", ("行业代码", "行业", "国民经济行业代码"), _cell(read_industry, _division),
               help="GB/T 4754-2017，2 至 4 位数字"),
        Column(
            "scale",
            ("规模", "企业规模"),
            parsers.choice(labels(Scale), aliases={"大": "large", "中": "medium", "小": "small", "微": "micro"}),
        ),
        Column("employees", ("从业人数", "从业人员", "员工人数"), parsers.integer(minimum=0, maximum=MOST_EMPLOYEES)),
        Column(
            "risk_grade",
            ("风险等级", "风险分级"),
            parsers.choice(labels(RiskGrade), aliases={"红": "red", "橙": "orange", "黄": "yellow", "蓝": "blue", "红色": "red",
                                                       "橙色": "orange", "黄色": "yellow", "蓝色": "blue", "重大": "red",
                                                       "较大": "orange", "一般": "yellow", "低": "blue"}),
        ),
        Column("credit_code", ("统一社会信用代码", "社会信用代码", "信用代码"), _cell(check_credit_code)),
        Column("town", ("乡镇（街道）", "乡镇", "街道", "所属乡镇", "乡镇代码"), _text(max_length=60), help="名称或 9 位代码"),
        Column("village", ("村（社区）", "村", "社区", "所属村", "村代码"), _text(max_length=60), help="名称或 12 位代码"),
        Column("address", ("地址", "详细地址", "住所"), _text(max_length=200)),
        Column("opening_hours", ("营业时间", "开放时间", "经营时间", "作业时间"), _cell(read_opening_hours),
               help="如 08:00-11:30 13:00-20:00，全天写“全天”"),
        Column("longitude", ("经度",), parsers.longitude(west=-180, east=180), help="坐标系在上传时声明"),
        Column("latitude", ("纬度",), parsers.latitude(south=-90, north=90)),
        Column(
            "status",
            ("状态", "经营状态"),
            parsers.choice(labels(SiteStatus), aliases={"正常": "active", "在业": "active", "歇业": "paused"}),
        ),
        Column("contact_name", ("联系人", "负责人", "主要负责人", "户主"), _text(max_length=60)),
        Column("contact_phone", ("联系电话", "电话", "手机"), parsers.phone()),
        Column("direct_authority", ("直接监管部门",), _text(max_length=100), help="由县级以上部门直接监管的，填写部门名称"),
        Column("direct_reason", ("直接监管理由",), _text(max_length=200)),
    ),
    unique=("code",),
    check=_whole,
)  # fmt: skip
