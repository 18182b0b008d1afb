from safegrid.patrols.tests.round import round_ as round_
