"""The verbs of the register of sites."""

from safegrid.sites.services.assigned import set_departments, set_grids
from safegrid.sites.services.catalogue import load_industries
from safegrid.sites.services.comparison import REGISTER_TABLE, compare_register, settle_difference
from safegrid.sites.services.contacts import (
    NewContact,
    Unmasked,
    add_contact,
    change_contact,
    unmask_contact,
    unmask_household,
)
from safegrid.sites.services.direct import (
    end_direct_supervision,
    mark_directly_supervised,
    refresh_direct_supervision,
)
from safegrid.sites.services.registry import change_site, close_site, register_site, reopen_site
from safegrid.sites.services.requests import accept_change, propose_change, refuse_change
from safegrid.sites.services.runs import MODES, cancel_import, confirm_import, start_comparison, start_import

__all__ = [
    "MODES",
    "REGISTER_TABLE",
    "NewContact",
    "Unmasked",
    "accept_change",
    "add_contact",
    "cancel_import",
    "change_contact",
    "change_site",
    "close_site",
    "compare_register",
    "confirm_import",
    "end_direct_supervision",
    "load_industries",
    "mark_directly_supervised",
    "propose_change",
    "refresh_direct_supervision",
    "refuse_change",
    "register_site",
    "reopen_site",
    "set_departments",
    "set_grids",
    "settle_difference",
    "start_comparison",
    "start_import",
    "unmask_contact",
    "unmask_household",
]
