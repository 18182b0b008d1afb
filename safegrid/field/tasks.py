"""Housekeeping of what phones send."""
