// From a sheet's drawing to ECharts' options: what stands where is said explicitly, so that nothing lies on anything else.
import type { EChartsCoreOption } from "echarts/core";

export interface Series {
  name: string;
  data: (number | null)[];
  tone: string;
  percent: boolean;
}

export interface Drawing {
  kind: "bar" | "flat" | "stack" | "line" | "pie";
  title: string;
  labels: string[];
  series: Series[];
}

const TONES: Record<string, string> = {
  red: "#d63939", orange: "#f08c00", yellow: "#f2c200", blue: "#206bc4", green: "#2fb344", teal: "#0ca678",
  purple: "#ae3ec9", gray: "#8a97a8",
};
const PALETTE = ["#206bc4", "#f08c00", "#2fb344", "#ae3ec9", "#0ca678", "#d63939", "#8a97a8", "#f2c200"];
const RISK = ["#d63939", "#f08c00", "#f2c200", "#206bc4"];
const LADDER = ["#2fb344", "#f2c200", "#f08c00", "#d63939", "#e8747c", "#d63939", "#a61e2b"];
const FONT = '-apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const LETTER = 12; // pixels of a Chinese letter of the axes

interface Look {
  text: string;
  line: string;
  size: number;
  paper: string;
}

/** The options of a chart so many pixels wide and high. */
export function optionOf(drawing: Drawing, width: number, height: number, isDark: boolean): EChartsCoreOption {
  const look: Look = isDark
    ? { text: "#d5e0f2", line: "#2b4568", size: 13, paper: "#10233f" }
    : { text: "#475266", line: "#dde3ea", size: 12, paper: "#ffffff" };
  const common = {
    animation: false,
    color: PALETTE,
    textStyle: { fontFamily: FONT, color: look.text, fontSize: look.size },
    // Drawn on the canvas: a tooltip of HTML would need inline styles.
    tooltip: { renderMode: "richText", confine: true, trigger: drawing.kind === "pie" ? "item" : "axis" },
  };
  if (drawing.kind === "pie") return { ...common, ...pie(drawing, width, height, look) };
  return { ...common, ...axes(drawing, width, look), series: drawing.series.map((one) => seriesOf(one, drawing, look)) };
}

function axes(drawing: Drawing, width: number, look: Look): EChartsCoreOption {
  const isFlat = drawing.kind === "flat";
  const several = drawing.series.length > 1;
  const room = Math.floor(width / Math.max(1, drawing.labels.length));
  const longest = Math.max(...drawing.labels.map((label) => label.length)) * LETTER;
  const categories = {
    type: "category",
    data: drawing.labels,
    inverse: isFlat,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: look.line } },
    axisLabel: isFlat
      ? { color: look.text, fontSize: look.size, width: Math.min(Math.round(width * 0.4), 220), overflow: "truncate", interval: 0 }
      : { color: look.text, fontSize: look.size, rotate: longest <= room ? 0 : room < 34 ? 60 : 40, hideOverlap: true, interval: room < 14 ? "auto" : 0 },
  };
  const values = valueAxes(drawing, look, isFlat && width < 480);
  return {
    legend: several
      ? { type: "scroll", top: 4, left: "center", textStyle: { color: look.text, fontSize: look.size }, itemWidth: 14, itemHeight: 10 }
      : { show: false },
    grid: { left: 12, right: 24, top: several ? 44 : 24, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: isFlat ? values[0] : categories,
    yAxis: isFlat ? categories : values,
  };
}

/** One axis of numbers; a second one for percentages where there are both. */
function valueAxes(drawing: Drawing, look: Look, isNarrow: boolean): object[] {
  const kinds = [...new Set(drawing.series.map((one) => one.percent))].sort();
  return kinds.map((percent, index) => ({
    type: "value",
    min: 0,
    // Where six shares find no room three do, rather than those of six that happen to fit.
    ...(percent ? { max: 100, ...(isNarrow ? { interval: 50 } : {}) } : { minInterval: 1 }),
    axisLabel: { color: look.text, fontSize: look.size, formatter: percent ? "{value}%" : "{value}", hideOverlap: true },
    splitLine: { show: index === 0, lineStyle: { color: look.line } },
  }));
}

function seriesOf(one: Series, drawing: Drawing, look: Look): object {
  const both = new Set(drawing.series.map((other) => other.percent)).size > 1;
  const isLine = drawing.kind === "line";
  return {
    name: one.name,
    type: isLine && !one.percent ? "bar" : isLine ? "line" : "bar",
    ...(both && one.percent ? { yAxisIndex: 1 } : {}),
    ...(drawing.kind === "stack" ? { stack: "all" } : {}),
    data: one.tone === "heat" ? heated(one.data) : one.tone === "ladder" ? climbing(one.data) : one.data,
    itemStyle: one.tone in TONES ? { color: TONES[one.tone] } : {},
    barMaxWidth: 28,
    symbolSize: 7,
    lineStyle: { width: 2 },
    tooltip: { valueFormatter: (value: unknown) => (typeof value === "number" ? `${String(value)}${one.percent ? "%" : ""}` : "—") },
    label: {
      show: drawing.kind === "flat" && drawing.series.length === 1,
      position: "right",
      color: look.text,
      formatter: one.percent ? "{c}%" : "{c}",
    },
    labelLayout: { hideOverlap: true },
  };
}

/** From pale to deep: the more, the hotter. */
function heated(data: (number | null)[]): object[] {
  const most = Math.max(1, ...data.map((value) => value ?? 0));
  return data.map((value) => {
    const heat = (value ?? 0) / most;
    const green = Math.round(190 - heat * 150);
    const blue = Math.round(120 - heat * 80);
    return { value, itemStyle: { color: `rgb(224, ${String(green)}, ${String(blue)})` } };
  });
}

/** From harmless to grave, bar by bar. */
function climbing(data: (number | null)[]): object[] {
  return data.map((value, index) => ({ value, itemStyle: { color: LADDER[Math.min(index, LADDER.length - 1)] } }));
}

function pie(drawing: Drawing, width: number, height: number, look: Look): EChartsCoreOption {
  const series = drawing.series[0];
  if (!series) return {};
  const whole = series.data.reduce((sum: number, value) => sum + (value ?? 0), 0);
  const isNarrow = width < 420;
  const radius = Math.round(isNarrow ? height * 0.22 : Math.min(height * 0.38, width * 0.22));
  const data = drawing.labels.map((name, index) => ({ name, value: series.data[index] ?? 0 }));
  const said = new Map(data.map(({ name, value }) => [name, `${name}　${value.toLocaleString()}（${share(value, whole)}）`]));
  return {
    color: series.tone === "risk" ? RISK : PALETTE,
    legend: {
      ...(isNarrow ? { bottom: 0, left: "center" } : { top: "middle", left: "52%" }),
      orient: "vertical",
      type: "plain",
      itemWidth: 12,
      itemHeight: 12,
      textStyle: { color: look.text, fontSize: look.size },
      formatter: (name: string) => said.get(name) ?? name,
    },
    series: [
      {
        name: series.name,
        type: "pie",
        radius: [Math.round(radius * 0.6), radius],
        center: isNarrow ? ["50%", "26%"] : ["26%", "50%"],
        label: { show: false }, // the legend says name, number and share
        itemStyle: { borderColor: look.paper, borderWidth: 2 },
        data,
      },
    ],
  };
}

function share(value: number, whole: number): string {
  return whole > 0 ? `${((value / whole) * 100).toFixed(1)}%` : "0%";
}
