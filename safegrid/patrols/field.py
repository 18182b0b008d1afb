"""What patrols offer to phones (``docs/field.md``): the sites with their codes and checklists, planned visits, routes, visiting.

The feed ``sites`` stands here and not with the sites, since checklists are the handbook's and codes are ours.
"""

from __future__ import annotations

from safegrid.foundation.fieldwork import Feed, Operation, TaskKind
from safegrid.patrols.phones import acts, rows

OPERATIONS = (
    Operation("patrols.visit", "巡查", acts.VisitIn, acts.visit, lambda payload: payload.uploads()),
    Operation("patrols.skip", "跳过巡查", acts.SkipIn, acts.skip),
    Operation("patrols.add", "增加巡查", acts.AddIn, acts.add),
)
TASKS = (TaskKind("patrols.visit", "巡查", rows.tasks),)
FEEDS = (Feed("sites", rows.sites_feed), Feed("visits", rows.visits_feed), Feed("route", rows.route_feed))
