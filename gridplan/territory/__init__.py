"""Polygons of base units in local metres: what is wrong with them, and the graph that grids are planned on."""

from gridplan.territory.checks import findings as findings
from gridplan.territory.graph import SNAP as SNAP
from gridplan.territory.graph import Link as Link
from gridplan.territory.graph import Territory as Territory
from gridplan.territory.graph import build as build
from gridplan.territory.graph import join_islands as join_islands
from gridplan.territory.graph import linked as linked
