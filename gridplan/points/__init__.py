"""Sites as points: cells around them, dense clusters of them, and balanced convex sectors."""

from gridplan.points.density import clusters as clusters
from gridplan.points.density import hulls as hulls
from gridplan.points.sectors import Sectors as Sectors
from gridplan.points.sectors import split as split
from gridplan.points.voronoi import cells as cells
