import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/report", component: () => import("./Report.vue"), meta: { title: "上报", tab: { label: "上报", icon: "plus", order: 20 } } },
];
