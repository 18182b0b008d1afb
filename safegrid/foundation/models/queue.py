from django.db import models

from safegrid.foundation.keys import LocalModel


class TaskReceipt(LocalModel):
    """A task that was carried out, by its key: a redelivered task finds it and does nothing."""

    key = models.CharField(max_length=200)
    done_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="task_receipt_once")]
