from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.foundation"
    label = "foundation"

    def ready(self) -> None:
        from safegrid.foundation import tasks  # noqa: F401  (registers the queue's handlers)
        from safegrid.foundation.holding import follow_workers
        from safegrid.foundation.keys import checks  # noqa: F401  (registers the model checks)

        follow_workers()
