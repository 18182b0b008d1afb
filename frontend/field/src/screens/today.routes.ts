import "../styles/screens.css";

import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/today", component: () => import("./Today.vue"), meta: { title: "今日", tab: { label: "今日", icon: "calendar", order: 10 } } },
  { path: "/skip/:task", component: () => import("./TodaySkip.vue"), meta: { title: "今天不去", isPatrol: true } },
  { path: "/add", component: () => import("./TodayAdd.vue"), meta: { title: "加一户", isPatrol: true } },
];
