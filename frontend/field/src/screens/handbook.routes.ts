import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/handbook", component: () => import("./Handbook.vue"), meta: { title: "网格手册" } },
  { path: "/handbook/list/:id", component: () => import("./HandbookList.vue"), meta: { title: "检查表" } },
  { path: "/handbook/kind/:code", component: () => import("./HandbookKind.vue"), meta: { title: "隐患类别" } },
];
