from safegrid.cases.tests.steps import steps as steps
