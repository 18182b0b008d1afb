"""Reading boundary files: GeoJSON, zipped Shapefile and GeoPackage, told apart by content, each feature once.

Only these three are ever handed to the reading library: it knows a hundred formats, some of which open other files or
addresses named inside them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from safegrid.foundation.tabular import TabularError

MOST_FEATURES = 50_000
MOST_BYTES = 512 * 1024**2
MOST_UNPACKED = 2 * 1024**3
MOST_RATIO = 150
_GEOGRAPHIC_HINT = "请先在制图软件中转换为经纬度坐标（CGCS2000 或 WGS 84）再上传"


@dataclass(frozen=True)
class Feature:
    """One feature: its 1-based number in the file, its attributes as text or numbers, its shape (None where empty)."""

    number: int
    values: dict[str, Any]
    shape: BaseGeometry | None


@dataclass(frozen=True)
class GeoFile:
    """What a file holds. ``fields``: names of the attributes."""

    fields: list[str]
    features: list[Feature]


def read_geo_file(path: Path) -> GeoFile:
    """Read a file of features in degrees; raise ``TabularError`` (Chinese) for any that cannot be read.

    A Shapefile comes as one .zip with its .shp, .shx and .dbf. Field texts are read as the file declares, else as UTF-8,
    else as GB18030.
    """
    address, encodings = _address(path)
    from pyogrio.errors import DataLayerError, DataSourceError  # no start has to wait for what few ever need

    fault: Exception | None = None
    for encoding in encodings:
        try:
            return _read(address, encoding)
        except (UnicodeDecodeError, _Garbled) as error:
            fault = error
        except (DataSourceError, DataLayerError, shapely.errors.GEOSException, ValueError) as error:
            raise TabularError("文件不完整或已损坏，无法读取其中的图形，请重新导出后再上传") from error
    raise TabularError("属性文字的编码既不是 UTF-8 也不是 GB18030，请重新导出后再上传") from fault


class _Garbled(Exception):
    pass


def _address(path: Path) -> tuple[str, list[str | None]]:
    """Return what to open and the encodings to try."""
    size = path.stat().st_size
    if not size:
        raise TabularError("文件是空的，请检查后再上传")
    if size > MOST_BYTES:
        raise TabularError(f"文件超过 {MOST_BYTES // 1024**2} MB，请按乡镇拆分后再上传")
    with path.open("rb") as file:
        start = file.read(64)
    if start.startswith(b"SQLite format 3\0"):
        return str(path), [None]
    if start.startswith(b"PK"):
        return _shapefile(path)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return f"GeoJSON:{path}", [None]
    raise TabularError("应为 GeoJSON（.geojson）、GeoPackage（.gpkg）或压缩为 .zip 的 Shapefile")


def _shapefile(path: Path) -> tuple[str, list[str | None]]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            unpacked = sum(info.file_size for info in infos)
            if (
                len(infos) > 1000
                or unpacked > MOST_UNPACKED
                or unpacked > max(path.stat().st_size * MOST_RATIO, 1 << 25)
            ):
                raise TabularError("压缩包解压后过大（疑似压缩炸弹），已拒绝读取")
            if any(info.flag_bits & 0x1 for info in infos):
                raise TabularError("压缩包已加密，请取消密码后再上传")
            names = [info.filename for info in infos if not info.filename.startswith("__MACOSX/")]
            shapes = [name for name in names if name.lower().endswith(".shp")]
            if len(shapes) != 1:
                raise TabularError("压缩包里应当有且只有一个 .shp 文件及其 .shx、.dbf")
            stem = shapes[0][:-4]
            present = {name[len(stem) :].lower() for name in names if name.startswith(f"{stem}.")}
            if missing := {".shx", ".dbf"} - present:
                raise TabularError(f"压缩包缺少与 {shapes[0]} 同名的 {'、'.join(sorted(missing))} 文件")
            with archive.open(shapes[0]) as shape:
                if shape.read(4) != b"\x00\x00\x27\x0a":
                    raise TabularError(f"{shapes[0]} 不是有效的 Shapefile")
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise TabularError("压缩包不完整或已损坏，请重新压缩后再上传") from error
    return f"/vsizip/{path}/{shapes[0]}", [None] if ".cpg" in present else ["UTF-8", "GB18030"]


def _read(address: str, encoding: str | None) -> GeoFile:
    import pyogrio

    layers = pyogrio.list_layers(address)
    spatial = [name for name, kind in layers if kind is not None]
    if len(spatial) != 1:
        raise TabularError(f"文件应当只有一个图层，现有 {len(spatial)} 个：{'、'.join(map(str, spatial[:5]))}")
    count = pyogrio.read_info(address, layer=spatial[0])["features"]
    if count > MOST_FEATURES:
        raise TabularError(f"文件有 {count} 个图形，超过 {MOST_FEATURES}，请拆分后再上传")
    meta, _, shapes, columns = pyogrio.raw.read(address, layer=spatial[0], encoding=encoding, force_2d=True,
                                                datetime_as_string=True)  # fmt: skip
    fields = [str(name) for name in meta["fields"]]
    found = list(_features(fields, shapes, columns))
    if not found:
        raise TabularError("文件里没有图形，请检查后再上传")
    _in_degrees(found, str(meta.get("crs") or ""))
    return GeoFile(fields, found)


def _features(fields: list[str], shapes: Any, columns: Any) -> Iterator[Feature]:
    geometries = shapely.from_wkb(shapes, on_invalid="ignore")
    for number, shape in enumerate(geometries, 1):
        values = {name: _plain(column[number - 1]) for name, column in zip(fields, columns, strict=True)}
        yield Feature(number, values, shape)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        if "\ufffd" in value:
            raise _Garbled
        return value.strip()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    return value if isinstance(value, (int, float, bool)) or value is None else str(value)


def _in_degrees(features: list[Feature], crs: str) -> None:
    bounds = shapely.total_bounds([feature.shape for feature in features if feature.shape is not None])
    if np.isnan(bounds).all():
        raise TabularError("文件里没有图形，请检查后再上传")
    if np.abs(bounds).max() > 360:
        named = f"（{crs[:60]}）" if crs else ""
        raise TabularError(f"坐标不是经纬度而是投影坐标{named}，{_GEOGRAPHIC_HINT}")
