"""Every "when X, then Y" across contexts, on one page."""

from safegrid.cases import hooks as cases
from safegrid.console.onemap import hooks as onemap
from safegrid.duties import hooks as duties
from safegrid.files.access import register_owner
from safegrid.foundation import events
from safegrid.grids import hooks as grids
from safegrid.notices.kinds import register_link
from safegrid.patrols import hooks as patrols
from safegrid.planning import hooks as planning
from safegrid.sites import hooks as sites
from safegrid.statistics import hooks as statistics


def connect() -> None:
    """Register what one context does when another one acts."""
    for change in ("sites.registered", "sites.moved", "sites.reclassified"):
        events.subscribe(change, grids.sites_changed)
        events.subscribe(change, duties.sites_changed)
    events.subscribe("grids.sites_assigned", cases.sites_assigned)
    events.subscribe("grids.boundary_changed", cases.boundary_changed)
    events.subscribe("grids.boundary_changed", planning.boundary_changed)
    events.subscribe("sites.renamed", cases.sites_renamed)
    events.subscribe("calendar.changed", cases.calendar_changed)
    register_owner("cases.case", cases.may_open_files)
    register_owner("patrols.visit", patrols.may_open_visit_files)
    register_owner("patrols.visitanswer", patrols.may_open_answer_files)
    events.subscribe("grids.sites_assigned", patrols.sites_assigned)
    events.subscribe("grids.answering_changed", patrols.answering_changed)
    events.subscribe("patrols.visited", patrols.confirms_site)
    for change in ("sites.moved", "sites.reclassified", "sites.rescheduled"):
        events.subscribe(change, patrols.sites_changed)
    register_link("cases.case", cases.case_link, app=cases.case_link_in_app)
    onemap.connect()
    statistics.connect()
    cases.register_notice_kinds()
    sites.register_notices()
