// Island: draws the figures of a page. `<div data-chart="id">` names a block of JSON (see statistics/sheets/shape.py);
// the same figures stand beside it as a table, which is all there is where this does not run.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

import { optionOf, type Drawing } from "./chart_options";

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const LINE_HEIGHT = 28; // of a bar lying flat, with the space beside it
const drawn = new Map<HTMLElement, EChartsType>();

function draw(place: HTMLElement): void {
  const block = document.getElementById(place.dataset.chart ?? "");
  if (!block?.textContent) return;
  const drawing = JSON.parse(block.textContent) as Drawing;
  const isDark = "dark" in place.dataset;
  place.dataset.chartState = "drawn"; // gives it its height
  if (drawing.kind === "flat" && !isDark) {
    const bars = drawing.labels.length * Math.max(1, drawing.series.length * 0.75);
    place.style.height = `${String(Math.round(bars * LINE_HEIGHT) + 64)}px`;
  }
  const chart = init(place, null, { renderer: "canvas" });
  drawn.set(place, chart);
  const show = () => {
    chart.setOption(optionOf(isDark ? fitting(drawing, place.clientHeight) : drawing, place.clientWidth, place.clientHeight, isDark), { notMerge: true });
  };
  show();
  new ResizeObserver(() => {
    if (chart.isDisposed()) return;
    chart.resize();
    show();
  }).observe(place);
}

/** A panel of the big screen cannot grow: only as many bars lying flat as have room, the first ones. */
function fitting(drawing: Drawing, height: number): Drawing {
  if (drawing.kind !== "flat") return drawing;
  const most = Math.max(3, Math.floor((height - 72) / (LINE_HEIGHT * Math.max(1, drawing.series.length * 0.75))));
  const series = drawing.series.map((one) => ({ ...one, data: one.data.slice(0, most) }));
  return { ...drawing, labels: drawing.labels.slice(0, most), series };
}

function drawAll(): void {
  for (const [place, chart] of drawn) {
    if (place.isConnected) continue;
    chart.dispose(); // htmx has put others in its place
    drawn.delete(place);
  }
  for (const place of document.querySelectorAll<HTMLElement>("[data-chart]:not([data-chart-state])")) draw(place);
}

drawAll();
document.addEventListener("htmx:load", drawAll);
addEventListener("beforeprint", () => {
  for (const table of document.querySelectorAll<HTMLDetailsElement>(".figure details")) table.open = true; // on paper all of it
  for (const chart of drawn.values()) chart.resize();
});
