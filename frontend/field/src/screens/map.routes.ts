import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [{ path: "/map", component: () => import("./MapPage.vue"), meta: { title: "地图" } }];
