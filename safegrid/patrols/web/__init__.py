"""The pages of visits, of plans of visits, and of the codes that hang at sites."""

from __future__ import annotations

from safegrid.patrols.web import visits
from safegrid.patrols.web.visits import NAV as NAV

app_name = "patrols"
urlpatterns = [*visits.urlpatterns]
