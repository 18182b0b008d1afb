import type { RouteLocation, RouteRecordRaw } from "vue-router";

/** A look that was asked for by `?task=` goes where the path says all: there its draft is found again. */
const byPath = (path: string) => (to: RouteLocation) => `${path}/${encodeURIComponent(String(to.query["task"] ?? ""))}`;

export const routes: RouteRecordRaw[] = [
  { path: "/cases", component: () => import("./Cases.vue"), meta: { title: "案件", tab: { label: "案件", icon: "files", order: 30 } } },
  { path: "/case/:id", alias: "/cases/:id", component: () => import("./CasePage.vue"), meta: { title: "案件" } },
  { path: "/verify/:task", component: () => import("./LookVerify.vue"), meta: { title: "核实" } },
  { path: "/recheck/:task", component: () => import("./LookRecheck.vue"), meta: { title: "复查" } },
  { path: "/verify", redirect: byPath("/verify") },
  { path: "/recheck", redirect: byPath("/recheck") },
];
