"""What an upload really is, whatever it is called: pictures and PDFs, checked by content, stripped of hidden metadata. Pure."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from safegrid.foundation.errors import InvalidInput

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 4096
THUMBNAIL_SIDE = 320
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PDF = "application/pdf"
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", PDF: "pdf"}
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Checked:
    """An upload after the checks: the bytes to store, their type, and what was kept of its metadata on purpose.

    ``longitude``/``latitude`` in WGS 84 degrees as the camera wrote them; ``thumbnail`` is a WebP picture, empty for a PDF.
    """

    data: bytes
    media_type: str
    thumbnail: bytes = b""
    width: int | None = None
    height: int | None = None
    taken_at: datetime | None = None
    longitude: float | None = None
    latitude: float | None = None


def check(data: bytes) -> Checked:
    """Return the checked upload; raise ``InvalidInput`` saying what is wrong and what to do."""
    if not data:
        raise _refusal("文件是空的，请重新选择")
    if len(data) > MOST_BYTES:
        raise _refusal(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请压缩后再上传")
    if data[:5] == b"%PDF-":
        if b"%%EOF" not in data[-2048:]:
            raise _refusal("PDF 不完整，请重新导出后上传")
        return Checked(data, PDF)
    return _picture(data)


def _refusal(words: str) -> InvalidInput:
    return InvalidInput({"file": words})


def _picture(data: bytes) -> Checked:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture: Image.Image = Image.open(BytesIO(data), formats=list(FORMATS))
            if picture.width * picture.height > MOST_PIXELS:
                raise _refusal("图片像素过大，请缩小后再上传")
            kind, exif = str(picture.format), picture.getexif()
            picture.load()
        except UnidentifiedImageError:
            raise _refusal("只接受 JPEG、PNG、WebP 图片或 PDF 文件") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _refusal("图片像素过大，请缩小后再上传") from None
        except (OSError, SyntaxError, ValueError):
            raise _refusal("图片不完整或已损坏，请重新拍摄或选择") from None
    taken_at, place = _taken_at(exif), _place(exif)
    picture = ImageOps.exif_transpose(picture)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    clean = _without_metadata(picture, kind)
    small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Checked(
        data=clean,
        media_type=FORMATS[kind],
        thumbnail=_saved(small, "WEBP", quality=72),
        width=picture.width,
        height=picture.height,
        taken_at=taken_at,
        longitude=place[0] if place else None,
        latitude=place[1] if place else None,
    )


def _without_metadata(picture: Image.Image, kind: str) -> bytes:
    """Write the pixels alone: Pillow carries EXIF, comments and profiles over only when told to, or from ``info``."""
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    if picture.mode == "P":
        bare.putpalette(picture.getpalette() or [])
    if kind == "JPEG" and bare.mode not in {"RGB", "L"}:
        bare = bare.convert("RGB")
    quality = {"JPEG": {"quality": 90}, "WEBP": {"quality": 88}}.get(kind, {})
    return _saved(bare, kind, **quality)


def _saved(picture: Image.Image, kind: str, **options: int) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _taken_at(exif: Image.Exif) -> datetime | None:
    written = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    try:
        return datetime.strptime(str(written), "%Y:%m:%d %H:%M:%S").replace(tzinfo=_SHANGHAI)
    except ValueError:
        return None


def _place(exif: Image.Exif) -> tuple[float, float] | None:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude]) * (-1 if gps[ExifTags.GPS.GPSLatitudeRef] == "S" else 1)
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude]) * (-1 if gps[ExifTags.GPS.GPSLongitudeRef] == "W" else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90) or (longitude, latitude) == (0.0, 0.0):
        return None
    return longitude, latitude


def _degrees(parts: tuple[float, float, float]) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
