"""The code that hangs at a site, by which a member checks in: made from the site with a secret that only the server has."""

from __future__ import annotations

import secrets
from base64 import b32encode
from hmac import compare_digest, new
from uuid import UUID

from safegrid.foundation.bulk import insert_objects
from safegrid.foundation.cache import CountyCache
from safegrid.patrols.models import SiteCodeKey

BYTES = 15  # 24 characters: nobody guesses them
PATH = "/m/q/"


def _load(county: int) -> bytes:
    rows = SiteCodeKey.objects.filter(county=county)
    found = rows.first()
    if found is None:  # two at once: the first one's holds
        insert_objects([SiteCodeKey(county=county, secret=secrets.token_hex(32))], unless=("county",))
        found = rows.get()
    return bytes.fromhex(found.secret)


_secrets = CountyCache("patrols.site_codes", _load)


def code_of(county: int, site_id: UUID) -> str:
    """Return the code of a site; it never changes."""
    return b32encode(new(_secrets.get(county), site_id.bytes, "sha256").digest()[:BYTES]).decode()


def is_code_of(county: int, site_id: UUID, scanned: str) -> bool:
    """Say whether ``scanned`` (the code, or an address that ends in it) hangs at a site."""
    given = scanned.strip().rsplit("/", 1)[-1].upper()
    return compare_digest(given.encode(), code_of(county, site_id).encode())


def in_groups(code: str) -> str:
    """Return a code as it is printed, to be typed where no camera reads it: in groups of four."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def address_of(origin: str, county: int, site_id: UUID) -> str:
    """Return what the QR code says: an address of the field app on this server (``origin``: scheme and host)."""
    return f"{origin}{PATH}{code_of(county, site_id)}"
