"""What is wrong with the polygons of base units, named before anything is planned on them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridplan.problem import Finding
from gridplan.territory.graph import SNAP, build, shapes_of

_NAMED = 20  # overlaps and holes told one by one; more of them are one mistake made many times


def findings(polygons: Sequence[Any], snap: float = SNAP) -> list[Finding]:
    """Everything wrong with polygons in local metres, each with the units it is about and a remedy.

    Blocking: `missing` (empty or no area), `self_crossing`, `overlap`, `several_parts` (a unit of several polygons that the
    other units do not hold together), `island` (units that no border joins to the rest). For information: `hole` (land
    between units that no unit covers; it may be a lake). Differences up to `snap` metres are nobody's mistake.
    `None` counts as missing; geometries other than polygons raise `ValueError`.
    """
    if not len(polygons):
        return [Finding("no_units", (), "没有基本单元", "先导入村（社区）或单元格边界")]
    shapes = shapes_of([shapely.Polygon() if shape is None else shape for shape in polygons])
    found = _of_shapes(shapes)
    if found:
        return found  # the rest can only be told of sound polygons
    wrong = _rough(shapes, snap)
    return _overlaps(shapes, wrong, snap) + _holes(shapes, wrong, snap) + _parts(shapes, snap) + _islands(shapes, snap)


def _of_shapes(shapes: npt.NDArray[np.object_]) -> list[Finding]:
    found = []
    # Signed areas of a bow-tie cancel out, so its hull is asked.
    empty = shapely.is_empty(shapes) | ~(shapely.area(shapely.convex_hull(shapes)) > 0)
    if empty.any():
        text = f"{empty.sum()} 个单元没有边界或面积为零"
        found.append(Finding("missing", _units(empty), text, "重新导入这些单元的边界，或从单元清单中删去"))
    for unit in np.flatnonzero(~shapely.is_valid(shapes) & ~empty):
        reason = str(shapely.is_valid_reason(shapes[unit]))
        at = reason.partition("[")[2].rstrip("]")
        text = f"单元 {unit + 1} 的边界自相交或不合规" + (f"（位置 {at}）" if at else "")
        remedy = "在地图上修正该处边界；也可用“自动修复”（按边线重新围成面）后核对"
        found.append(Finding("self_crossing", (int(unit),), text, remedy))
    return found


def _rough(shapes: npt.NDArray[np.object_], snap: float) -> npt.NDArray[np.bool_]:
    """Units whose borders do not match their neighbours' vertex by vertex: only these can overlap or leave gaps."""
    return ~shapely.is_empty(shapely.coverage_invalid_edges(shapes, gap_width=snap))


def _overlaps(shapes: npt.NDArray[np.object_], wrong: npt.NDArray[np.bool_], snap: float) -> list[Finding]:
    """Pairs whose common area is more than a strip of `snap` metres along the border they share."""
    doubtful = np.flatnonzero(wrong)
    pairs = shapely.STRtree(shapes).query(shapes[doubtful], predicate="intersects")
    one, other = doubtful[pairs[0]], pairs[1]
    once = (one != other) & ((one < other) | ~wrong[other])
    one, other = one[once], other[once]
    common = shapely.intersection(shapes[one], shapes[other])
    area, around = shapely.area(common), shapely.length(common)
    real = np.flatnonzero((area > snap * around / 2) & (area > snap**2))
    real = real[np.argsort(-area[real], kind="stable")]
    found = []
    for i in real[:_NAMED]:
        units = tuple(sorted((int(one[i]), int(other[i]))))
        text = f"单元 {units[0] + 1} 与单元 {units[1] + 1} 重叠 {area[i]:,.0f} 平方米"
        found.append(Finding("overlap", units, text, "确认重叠部分归属，从另一单元中扣除；重复导入的单元请删去"))
    if len(real) > _NAMED:
        rest = real[_NAMED:]
        units = _units(np.bincount(np.concatenate((one[rest], other[rest])), minlength=len(shapes)) > 0)
        found.append(Finding("overlap", units, f"另有 {len(rest)} 处重叠", "边界可能来自不同图层，请统一后重新导入"))
    return found


def _holes(shapes: npt.NDArray[np.object_], wrong: npt.NDArray[np.bool_], snap: float) -> list[Finding]:
    """Land enclosed by units that belongs to none."""
    land = shapely.union_all(shapes, grid_size=snap / 16) if wrong.any() else shapely.coverage_union_all(shapes)
    pieces = shapely.get_parts(land)
    rings = [ring for piece in pieces for ring in shapely.get_rings(piece)[1:]]
    if not rings:
        return []
    holes = shapely.polygons(rings)
    # What other units fill (a village inside a village) is no hole: their rings are holes of another piece.
    holes = np.array([shapely.difference(hole, land) for hole in holes], dtype=object)
    area = shapely.area(holes)
    wide = area > np.maximum(snap * shapely.length(holes) / 2, snap**2)
    holes, area = holes[wide], area[wide]
    tree = shapely.STRtree(shapes)
    found = []
    for i in np.argsort(-area, kind="stable")[:_NAMED]:
        around = np.sort(tree.query(holes[i], predicate="dwithin", distance=snap))
        x, y = shapely.get_coordinates(shapely.point_on_surface(holes[i]))[0]
        text = f"单元之间有空洞 {area[i]:,.0f} 平方米（位置 {x:.0f}, {y:.0f}），不属于任何单元"
        remedy = "若是水面、山体等无需监管的地方可以保留；否则把它划入相邻单元"
        found.append(Finding("hole", tuple(int(u) for u in around), text, remedy, blocking=False))
    if len(area) > _NAMED:
        text = f"另有 {len(area) - _NAMED} 处空洞"
        found.append(Finding("hole", (), text, "边界可能来自不同图层，请统一后重新导入", blocking=False))
    return found


def _parts(shapes: npt.NDArray[np.object_], snap: float) -> list[Finding]:
    """Units of several polygons that touch neither each other nor, all of them, one and the same neighbourhood."""
    count = shapely.get_num_geometries(shapes)
    several = np.flatnonzero(count > 1)
    if not len(several):
        return []
    pieces, owner = shapely.get_parts(shapes, return_index=True)
    part = build(list(pieces), snap).parts
    found = []
    for unit in several:
        apart = len(np.unique(part[owner == unit]))
        if apart > 1:
            text = f"单元 {unit + 1} 由 {count[unit]} 块组成，其中 {apart - 1} 块是与其他单元都不相邻的飞地"
            remedy = "把飞地拆成单独的单元，或并入它所在的单元"
            found.append(Finding("several_parts", (int(unit),), text, remedy))
    return found


def _islands(shapes: npt.NDArray[np.object_], snap: float) -> list[Finding]:
    """Parts of the territory that no border joins to its main part."""
    part = build(list(shapes), snap).parts
    found = []
    for island in range(1, int(part.max()) + 1):
        units = _units(part == island)
        text = f"{len(units)} 个单元（单元 {units[0] + 1} 等）与其余部分不相邻"
        remedy = "补齐中间缺少的单元；确是飞地或岛屿的，指定它与最近单元的通道（见“连接飞地”的建议），或单列为一个范围"
        found.append(Finding("island", units, text, remedy))
    return found


def _units(chosen: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(unit) for unit in np.flatnonzero(chosen))
