"""Identifiers are made by the application, never by a database sequence."""

from uuid import UUID

from uuid6 import uuid7 as _uuid7


def uuid7() -> UUID:
    """Return a time-ordered UUID of version 7 (RFC 9562), as the plain ``uuid.UUID`` that databases adapt."""
    return UUID(int=_uuid7().int)
