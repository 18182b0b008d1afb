"""What a duty rule fits, in words that officials read."""

from __future__ import annotations

from safegrid.duties.ranking import Rule
from safegrid.handbook.selectors import kind_names
from safegrid.regions.selectors import name_of
from safegrid.sites.selectors import SITE_TYPES


def rank_words(county: int, rule: Rule) -> str:
    """Return by what the rule fits, from the most specific condition on: "行业 26 · 隐患类别 消防安全 · 武康街道"."""
    parts = []
    if rule.site_id is not None:
        parts.append("指定对象")
    if rule.industry_prefix:
        parts.append(f"行业 {rule.industry_prefix}")
    if rule.hazard_kind:
        parts.append(f"隐患类别 {kind_names(county).get(rule.hazard_kind, rule.hazard_kind)}")
    if rule.site_type:
        parts.append(str(dict(SITE_TYPES).get(rule.site_type, rule.site_type)))
    if rule.village or rule.town:
        parts.append(name_of(rule.village or rule.town))
    return " · ".join(parts) or "全县兜底"
