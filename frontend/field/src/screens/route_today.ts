/** Today's route for pages: kept up to date with what is pulled, what is still on the phone, the time and the place. */

import { computed, type ComputedRef, onScopeDispose, ref } from "vue";

import { clock, useFeed, useSync, useTasks } from "../core/index.ts";
import { useHere } from "../parts/here.ts";
import { dayOf } from "../parts/times.ts";
import { minuteOfDay, todayRoute, type TodayRoute, undelivered, type Undelivered } from "./route_day.ts";

export type { RouteCall, TodayRoute } from "./route_day.ts";

const BEAT_MS = 60_000;

function useToday(): { today: ComputedRef<string>; minute: ComputedRef<number> } {
  const beat = ref(clock.time());
  const timer = setInterval(() => (beat.value = clock.time()), BEAT_MS);
  onScopeDispose(() => clearInterval(timer));
  return { today: computed(() => dayOf(beat.value)), minute: computed(() => minuteOfDay(beat.value)) };
}

export interface TodayView {
  today: ComputedRef<string>;
  route: ComputedRef<TodayRoute>;
  /** What was visited, put off and added by what is still on the phone. */
  waiting: ComputedRef<Undelivered>;
  isReady: ComputedRef<boolean>;
}

/** Today's route, kept up to date. */
export function useTodayRoute(): TodayView {
  const [routes, sites, { tasks, isReady }, { items }] = [useFeed("route"), useFeed("sites"), useTasks(), useSync()];
  const { today, minute } = useToday();
  const { here } = useHere();
  const waiting = computed(() => undelivered(items.value, today.value));
  const route = computed(() =>
    todayRoute({
      today: today.value,
      minute: minute.value,
      here: here.value,
      served: routes.byId.value.get(today.value),
      tasks: tasks.value,
      sites: sites.byId.value,
      waiting: waiting.value,
    }),
  );
  return { today, route, waiting, isReady: computed(() => isReady.value && routes.isReady.value && sites.isReady.value) };
}
