"""The verbs of the field app's server."""

from safegrid.field.services.devices import begin_device, note_clock, touch

__all__ = ["begin_device", "note_clock", "touch"]
