from __future__ import annotations

from typing import Any

from django.db import models

from safegrid.foundation.errors import Conflict
from safegrid.foundation.keys import CountyModel
from safegrid.foundation.statements import update


class WorkflowModel(CountyModel):
    """A row that a workflow moves: a state, and a version that every act raises by one."""

    state = models.CharField(max_length=30)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def swap(self, **changes: Any) -> None:
        """Write ``changes`` where id, state and version are still those read; raise ``Conflict`` where they are not.

        This is the only way a workflow row changes. It needs no lock: of two people acting on the same version, one
        update finds the row and the other finds none.
        """
        if "county" in changes:
            raise TypeError("a row's county never changes")
        same = {"county": self.county, "id": self.id, "state": self.state, "version": self.version}
        if update(type(self), same, {"version": self.version + 1, **changes}) != 1:
            raise Conflict
        self.version += 1
        for name, value in changes.items():
            setattr(self, name, value)
