"""The verbs of the field app's server."""

from safegrid.field.services.devices import begin_device, note_clock, touch
from safegrid.field.services.operations import carry_out
from safegrid.field.services.uploads import announce, take_chunk

__all__ = ["announce", "begin_device", "carry_out", "note_clock", "take_chunk", "touch"]
