"""Who comes through the doors of the bodies."""

from tests.permissions.table import Door

INSIDE = (
    "system_admin", "leader", "lead_officer", "second_lead_officer", "lead_chief", "town_officer", "other_town_officer",
    "lead_department_officer", "fire_officer", "market_officer", "hotline_officer", "committee", "grid_member",
    "next_grid_member", "other_grid_member", "reward_officer", "auditor", "upper_level",
)  # fmt: skip
KEEPERS = ("system_admin", "lead_officer", "second_lead_officer")
CHANGE = {"name": "消防救援大队", "level": "county", "role": "cooperating"}
DOORS = [
    Door("GET", "/departments/", {}, others=200),
    Door("GET", "/departments/{county}/{fire.id}/", dict.fromkeys(INSIDE, 200)),
    Door("GET", "/departments/open/", dict.fromkeys((*KEEPERS, "outsider"), 200)),  # a lead officer elsewhere
    Door("GET", "/api/v1/departments/{county}/{fire.id}", dict.fromkeys(INSIDE, 200)),
    Door(
        "POST",
        "/api/v1/departments/{county}/{fire.id}/change",
        {**dict.fromkeys(INSIDE, 403), **dict.fromkeys(KEEPERS, 200)},
        body=CHANGE,
    ),
]
