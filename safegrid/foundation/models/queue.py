from django.db import models

from safegrid.foundation.keys import LocalModel


class TaskReceipt(LocalModel):
    """A task that was carried out, by its key: a redelivered task finds it and does nothing."""

    key = models.CharField(max_length=200)
    done_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="task_receipt_once")]


class TaskHold(LocalModel):
    """A task that a process has taken off the queue and not finished. See ``foundation.holding``."""

    task = models.BigIntegerField(help_text="number of the task in the queue")
    holder = models.BigIntegerField(
        null=True, help_text="number whose lock the process holds; none once it was found gone"
    )
    falls = models.PositiveSmallIntegerField(default=0, help_text="processes that were gone before it came to an end")
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task"], name="task_hold_once")]
