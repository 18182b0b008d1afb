import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  { path: "/me", component: () => import("./Me.vue"), meta: { title: "我的", tab: { label: "我的", icon: "user", order: 40 } } },
  { path: "/months", component: () => import("./Months.vue"), meta: { title: "我的工作" } },
  { path: "/card", component: () => import("./ClearCard.vue"), meta: { title: "明白卡" } },
  { path: "/contacts", component: () => import("./Contacts.vue"), meta: { title: "通讯录" } },
  { path: "/notices", component: () => import("./Notices.vue"), meta: { title: "通知" } },
];
