"""The verbs of the register of sites."""

from safegrid.sites.services.assigned import set_departments, set_grids

__all__ = ["set_departments", "set_grids"]
