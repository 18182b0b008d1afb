/** What is wrong with a site's entry: only what differs from the register goes to the server. */

import type { Place } from "../core/index.ts";
import type { Site } from "../types.ts";

export interface SiteForm {
  name: string;
  site_type: string;
  industry: string;
  scale: string;
  employees: string;
  risk_grade: string;
  village: string;
  address: string;
  opening_hours: string;
  status: string;
  place: Place | null;
  reason: string;
}

export const SITE_TYPES: [string, string][] = [
  ["enterprise", "生产经营单位"], ["shop", "小商铺"], ["workshop", "小作坊"], ["venue", "小娱乐场所"], ["household", "家庭户"], ["public_place", "公共场所"],
]; // prettier-ignore
export const SCALES: [string, string][] = [["large", "大型"], ["medium", "中型"], ["small", "小型"], ["micro", "微型"], ["none", "不适用"]]; // prettier-ignore
export const RISKS: [string, string][] = [["red", "重大风险"], ["orange", "较大风险"], ["yellow", "一般风险"], ["blue", "低风险"]]; // prettier-ignore
export const STATUSES: [string, string][] = [["active", "在册"], ["paused", "停业"], ["closed", "注销"], ["moved", "迁出"]]; // prettier-ignore

/** The form with what the register says now; empty for a new site. A household's masked name is not a value. */
export const formOf = (site: Site | undefined): SiteForm => ({
  name: site === undefined || site.site_type === "household" ? "" : site.name,
  site_type: site?.site_type ?? "",
  industry: site?.industry ?? "",
  scale: site?.scale ?? "none",
  employees: site?.employees === null || site === undefined ? "" : String(site.employees),
  risk_grade: site?.risk_grade ?? "blue",
  village: site?.village ?? "",
  address: site?.address ?? "",
  opening_hours: site?.opening_hours ?? "",
  status: site?.status ?? "active",
  place: null,
  reason: "",
});

/** What was changed only, as `sites.propose_change` takes it. */
export function changes(form: SiteForm, site: Site | undefined): Record<string, unknown> {
  const before = formOf(site);
  const values: Record<string, unknown> = {};
  for (const name of ["name", "site_type", "industry", "scale", "risk_grade", "village", "address", "opening_hours"] as const) {
    if (form[name].trim() !== before[name]) values[name] = form[name].trim();
  }
  if (site?.site_type === "household" && values["name"] === "") delete values["name"];
  if (site === undefined && form.village !== "") values["town"] = form.village.slice(0, 9);
  if (form.employees.trim() !== before.employees) values["employees"] = form.employees.trim() === "" ? null : Number(form.employees);
  if (form.place !== null) Object.assign(values, { longitude: form.place.longitude, latitude: form.place.latitude, datum: "wgs84" });
  if (site !== undefined && form.status !== before.status) values["status"] = form.status;
  return values;
}

/** What is missing or wrong, in words; "" when it may be saved. */
export function obstacle(form: SiteForm, site: Site | undefined): string {
  if (form.employees.trim() !== "" && !/^\d{1,6}$/.test(form.employees.trim())) return "从业人数请填整数";
  if (form.industry.trim() !== "" && !/^\d{2,4}$/.test(form.industry.trim())) return "行业请填 2 到 4 位数字代码";
  if (site === undefined) {
    if (form.name.trim() === "") return "请填写名称";
    if (form.site_type === "") return "请选择类型";
    if (form.village === "") return "请选择所在村（社区）";
    return "";
  }
  const values = changes(form, site);
  if (Object.keys(values).length === 0) return "还没有改动";
  return "status" in values && form.reason.trim() === "" ? "改状态要说明情况" : "";
}
