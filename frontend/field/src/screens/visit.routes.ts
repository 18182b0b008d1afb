import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/visit/:site", component: () => import("./Visit.vue"), meta: { title: "巡查", isPatrol: true } },
  { path: "/q/:code", component: () => import("./VisitCode.vue"), meta: { title: "扫码巡查", isPatrol: true } },
];
