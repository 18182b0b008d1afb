import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/sites", component: () => import("./Sites.vue"), meta: { title: "监管对象" } },
  { path: "/site/:id", component: () => import("./SitePage.vue"), meta: { title: "监管对象" } },
  { path: "/site/:id/change", component: () => import("./SiteChange.vue"), meta: { title: "信息有误" } },
  { path: "/site-new", component: () => import("./SiteChange.vue"), meta: { title: "登记新对象" } },
];
