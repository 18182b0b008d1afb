/** Addresses inside the app, after the `#`: every file `screens/*.routes.ts` adds its own. */

import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";

declare module "vue-router" {
  interface RouteMeta {
    /** Heading of the page. */
    title?: string;
    /** The page is a tab at the foot; `order` from left to right. */
    tab?: { label: string; icon: string; order: number };
    /** The page has a heading of its own. */
    isBare?: boolean;
    /** Only for those who go on patrol. */
    isPatrol?: boolean;
  }
}

const files = import.meta.glob<{ routes: RouteRecordRaw[] }>("./screens/*.routes.ts", { eager: true });
export const routes: RouteRecordRaw[] = Object.values(files).flatMap((file) => file.routes);

/** The pages at the foot, from left to right. */
export const tabs = routes
  .flatMap((route) => (route.meta?.tab === undefined ? [] : [{ path: route.path, ...route.meta.tab }]))
  .sort((one, other) => one.order - other.order);

export const router = createRouter({
  history: createWebHashHistory("/m/"),
  routes: [
    { path: "/", redirect: tabs[0]?.path ?? "/sync" },
    ...routes,
    { path: "/:unknown(.*)*", component: () => import("./screens/NotFound.vue"), meta: { title: "没有这个页面" } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});
