"""How good a plan can be at all: proven lower bounds, and proven best plans of small containers."""

from gridplan.bound.parts import Bound as Bound
from gridplan.bound.parts import Part as Part
from gridplan.bound.parts import Proof as Proof
from gridplan.bound.proving import lower_bound as lower_bound
from gridplan.bound.proving import prove as prove
