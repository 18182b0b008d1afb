"""What the console keeps for its users: lists as they named them."""

from __future__ import annotations

from django.db import models

from safegrid.foundation import clock
from safegrid.foundation.keys import LocalModel


class SavedView(LocalModel):
    """A list as one user named it: filters, order and columns as they stand in its address. Nobody else sees it."""

    user_id = models.UUIDField()
    path = models.CharField(max_length=200, help_text="地址，不含参数")
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=2000, blank=True)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "path", "name"], name="saved_view_once"),
            models.UniqueConstraint(
                fields=["user_id", "path"], condition=models.Q(is_default=True), name="saved_view_one_default"
            ),
        ]
