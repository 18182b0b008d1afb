"""Strict reading of the process environment: a wrong value stops the start, with the variable named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} must be set")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "on" if default else "off").lower()
    if value not in {"on", "off", "true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name} must be on or off, not {value!r}")
    return value in {"on", "true", "1"}


def number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;",
}


def database(url: str, base: Path) -> dict[str, Any]:
    """Return Django's settings for ``sqlite:///path`` or ``postgres://user:password@host:port/name``."""
    parsed = urlparse(url)
    if parsed.scheme == "sqlite":
        path = Path(unquote(parsed.path.removeprefix("/")))
        path = path if path.is_absolute() else base / path
        path.parent.mkdir(parents=True, exist_ok=True)
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": SQLITE_OPTIONS}
    if parsed.scheme in {"postgres", "postgresql"}:
        query = parse_qs(parsed.query)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parsed.path.removeprefix("/")),
            "USER": unquote(parsed.username or ""),
            "PASSWORD": unquote(parsed.password or ""),
            "HOST": query.get("host", [parsed.hostname or ""])[0],
            "PORT": str(parsed.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured(f"DATABASE_URL must begin with sqlite: or postgres:, not {parsed.scheme!r}")


TIANDITU = "https://t0.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE=default" \
    "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"  # fmt: skip
TRUE_DATUMS = {"wgs84", "cgcs2000"}


def base_map() -> dict[str, Any] | None:
    """Return what lies below the one map: blank (None), Tianditu by its key, or raster tiles of another address.

    The datum of the latter is declared; tiles in GCJ-02 or BD-09 would lie half a kilometre beside everything of ours.
    """
    key, address = text("SAFEGRID_TIANDITU_KEY", ""), text("SAFEGRID_BASE_MAP_URL", "")
    if key:
        layers = [TIANDITU.format(name=name, key=key) for name in ("vec", "cva")]
        return {"layers": layers, "attribution": "底图：天地图（CGCS2000）", "maxzoom": 18}
    if not address:
        return None
    datum = text("SAFEGRID_BASE_MAP_DATUM")
    if datum not in TRUE_DATUMS:
        raise ImproperlyConfigured(
            "SAFEGRID_BASE_MAP_DATUM must be wgs84 or cgcs2000: shifted base maps cannot be used"
        )
    if urlparse(address).scheme != "https" or any(part not in address for part in ("{z}", "{x}", "{y}")):
        raise ImproperlyConfigured("SAFEGRID_BASE_MAP_URL must begin with https:// and contain {z}, {x} and {y}")
    words = text("SAFEGRID_BASE_MAP_ATTRIBUTION", "")
    return {"layers": [address], "attribution": words, "maxzoom": number("SAFEGRID_BASE_MAP_MAXZOOM", 18)}


def hosts_of(base: dict[str, Any] | None) -> list[str]:
    """Return the origins that a base map is fetched from: browsers are let there and nowhere else."""
    parts = [urlparse(address) for address in (base or {}).get("layers", ())]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def attachments() -> dict[str, Any]:
    """Return where attachments are kept: a folder, or an S3-compatible service where a bucket is named.

    Checksums that newer clients of S3 add by themselves are left out where nothing demands them: services that are
    compatible with S3 but are not Amazon's refuse them. Our own content hash says whether a file is whole.
    """
    if not text("SAFEGRID_S3_BUCKET", ""):
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    from botocore.config import Config  # type: ignore[import-untyped]  # a tenth of a second, where it is used

    addressing = text("SAFEGRID_S3_ADDRESSING", "auto")
    if addressing not in {"auto", "path", "virtual"}:
        raise ImproperlyConfigured(f"SAFEGRID_S3_ADDRESSING must be auto, path or virtual, not {addressing!r}")
    client = Config(
        s3={"addressing_style": addressing}, signature_version="s3v4", connect_timeout=5, read_timeout=30,
        retries={"max_attempts": 3}, request_checksum_calculation="when_required", response_checksum_validation="when_required",
    )  # fmt: skip
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": text("SAFEGRID_S3_BUCKET"),
            "endpoint_url": text("SAFEGRID_S3_ENDPOINT"),
            "access_key": text("SAFEGRID_S3_ACCESS_KEY"),
            "secret_key": text("SAFEGRID_S3_SECRET_KEY"),
            "region_name": text("SAFEGRID_S3_REGION", "us-east-1"),
            "default_acl": "private",
            "querystring_auth": True,
            "client_config": client,
        },
    }
