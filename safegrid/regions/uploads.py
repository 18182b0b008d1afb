"""Uploaded boundary files: kept on disk only while they are read; and the workbooks of refused rows, for their uploader."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import shapely
from django.core.files import File
from django.core.files.storage import default_storage
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.ids import uuid7
from safegrid.foundation.tabular import ImportReport, TabularError
from safegrid.regions.geofiles import read_geo_file

FOLDER = "import-reports"
KEPT = timedelta(days=30)


@contextmanager
def on_disk(upload: Any) -> Iterator[Path]:
    """Give an uploaded file a path for the length of the block; what cannot be read becomes ``InvalidInput`` of ``file``."""
    with tempfile.TemporaryDirectory(prefix="safegrid-upload-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        try:
            yield path
        except TabularError as error:
            raise InvalidInput({"file": str(error)}) from error


def one_area(upload: Any) -> BaseGeometry:
    """Return the polygon of an uploaded GeoJSON, zipped Shapefile or GeoPackage with one feature; else ``InvalidInput``."""
    with on_disk(upload) as path:
        shapes = [feature.shape for feature in read_geo_file(path).features if feature.shape is not None]
    if len(shapes) != 1 or not isinstance(shapes[0], (Polygon, MultiPolygon)):
        raise InvalidInput({"file": f"文件应当只有一个面，现有 {len(shapes)} 个图形；多个网格请用“导入”"})
    return shapes[0]


def area_from_json(geometry: dict[str, Any]) -> BaseGeometry:
    """Return the area of a GeoJSON geometry (Polygon or MultiPolygon); else ``InvalidInput`` of ``boundary``."""
    try:
        area = shapely.geometry.shape(geometry)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.GEOSException) as error:
        raise InvalidInput({"boundary": "应为 GeoJSON 的 Polygon 或 MultiPolygon"}) from error
    if not isinstance(area, (Polygon, MultiPolygon)):
        raise InvalidInput({"boundary": "应为 GeoJSON 的 Polygon 或 MultiPolygon"})
    return area


def keep_refused(report: ImportReport, *, user_id: UUID, watermark: str) -> UUID | None:
    """Keep the workbook of a report's refused rows for whoever uploaded; return its key, None where nothing was refused."""
    if not report.refused:
        return None
    key = uuid7()
    with tempfile.TemporaryDirectory(prefix="safegrid-refused-") as folder:
        path = Path(folder) / "refused.xlsx"
        report.write_refused_workbook(path, watermark=watermark)
        with path.open("rb") as file:
            default_storage.save(_name(user_id, key), File(file))
    return key


def open_refused(user_id: UUID, key: UUID) -> IO[bytes]:
    """Open a workbook kept for this user; raise ``NotVisible`` for any other."""
    name = _name(user_id, key)
    if not default_storage.exists(name):
        raise NotVisible("这份问题清单已过期，请重新上传文件")
    opened: IO[bytes] = default_storage.open(name)
    return opened


def drop_old() -> int:
    """Remove workbooks older than ``KEPT``; return how many."""
    dropped = 0
    for user in _listed(FOLDER)[0]:
        for name in _listed(f"{FOLDER}/{user}")[1]:
            path = f"{FOLDER}/{user}/{name}"
            if clock.now() - default_storage.get_modified_time(path) > KEPT:
                default_storage.delete(path)
                dropped += 1
    return dropped


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _name(user_id: UUID, key: UUID) -> str:
    return f"{FOLDER}/{user_id}/{key}.xlsx"
