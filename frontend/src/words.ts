// Words that scripts show: Chinese in the source, English from the table below where the page is in English.
// A test (console/tests/test_english.py) fails on a Chinese text that is not in the table or does not pass through `tr`.

/** Return the words in the page's language; `{name}` is replaced by what is given under that name. */
export function tr(words: string, given: Record<string, string | number> = {}): string {
  const said = document.documentElement.lang.startsWith("en") ? (ENGLISH[words] ?? words) : words;
  return said.replace(/\{(\w+)\}/g, (hole, name: string) => String(given[name] ?? hole));
}

const ENGLISH: Record<string, string> = {
  // messages, questions, forms
  "取消": "Cancel",
  "确定": "OK",
  "关闭": "Close",
  "表格": "Table",
  "输入文字查找": "Type to search",
  "网络不通，操作没有提交，请稍后再试。": "No connection; nothing was sent. Please try again later.",
  "服务器没有及时答复，请刷新页面确认结果后再试。": "The server did not answer in time. Reload the page to see what happened before trying again.",
  "没有权限，或登录已失效，请刷新页面重新登录。": "Not permitted, or your session has ended. Reload the page and sign in again.",
  "找不到该内容，可能已变更，请刷新页面。": "Not found; it may have changed. Please reload the page.",
  "操作没有成功（{status}），请稍后再试。": "That did not succeed ({status}). Please try again later.",
  "没有取得位置，请检查浏览器的定位权限，或直接填写经度和纬度。": "No position was found. Check the browser's permission, or type longitude and latitude.",
  // maps
  "一张图": "Map",
  "位置示意图": "Map of the position",
  "位置图暂时无法显示。": "The map cannot be shown at the moment.",
  "{label}：方向键移动，加减号缩放": "{label}: arrow keys to move, plus and minus to zoom",
  "此浏览器不能绘制动态地图（缺少 WebGL）：图上为所选日期的网格、当日未结案件和隐患热度的静态示意（粉色网格无人负责），其他图层不起作用；查找和名单照常使用。":
    "This browser cannot draw the live map (WebGL is missing): shown are the chosen day's grids, the cases open then and the heat of hazards, still (pink grids have no member). Other layers have no effect; search and lists work as usual.",
  "地图": "Map",
  "放大": "Zoom in",
  "缩小": "Zoom out",
  "地图来源": "Sources of the map",
  "反馈": "Feedback",
  "英尺": "ft",
  "米": "m",
  "千米": "km",
  "英里": "mi",
  "海里": "nm",
  // drawing and choosing on a map
  "绘制范围": "Draw the area",
  "此浏览器不能绘制地图（缺少 WebGL），请直接填写坐标或上传文件。": "This browser cannot draw the map (WebGL is missing). Type coordinates or upload a file.",
  "坐标（可直接填写）": "Coordinates (may be typed)",
  "画边界": "Draw",
  "画完": "Finish",
  "撤销": "Undo",
  "删除顶点": "Delete vertex",
  "清空": "Clear",
  "沿邻界描线": "Follow neighbours' borders",
  "拖动顶点或边的中点修改边界，靠近邻界时自动吸附（按住 Alt 不吸附）。": "Drag vertices or middles of edges; near a neighbour's border they snap to it (hold Alt not to).",
  "点“画边界”开始；靠近邻界时自动吸附（按住 Alt 不吸附）。": "Press “Draw” to begin; near a neighbour's border points snap to it (hold Alt not to).",
  "逐点单击画边界；双击、回车或再点第一个点结束，Esc 取消。": "Click point by point; double-click, Enter or the first point again to finish, Esc to cancel.",
  "至少要三个点，请继续。": "At least three points are needed; go on.",
  "已画好。拖动顶点或边的中点可以修改；选中顶点后按 Delete 删除。": "Drawn. Drag vertices or middles of edges to change it; choose a vertex and press Delete to remove it.",
  "已清空。": "Cleared.",
  "一个面至少要三个顶点。": "An area needs at least three vertices.",
  "已取消。": "Cancelled.",
  "在地图上选点": "Choose on the map",
  "此浏览器不能绘制地图（缺少 WebGL），请直接填写经度和纬度。": "This browser cannot draw the map (WebGL is missing). Type longitude and latitude.",
  "选取位置": "Choose a position",
  "取地图中心": "Take the middle of the map",
  // divisions
  "没有调整成功，请刷新页面后再试。": "That change was not made. Reload the page and try again.",
  "网络不通，没有调整，请稍后再试。": "No connection; nothing was changed. Please try again later.",
};
