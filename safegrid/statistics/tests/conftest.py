from safegrid.cases.tests.steps import steps as steps
from safegrid.patrols.tests.round import round_ as round_
