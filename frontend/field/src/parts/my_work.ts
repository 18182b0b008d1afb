/** What the user does with the app: members go on patrol, committees report. */

import { computed, type ComputedRef } from "vue";

import { useMe } from "../core/index.ts";

/** Whether the user goes on patrol; taken for granted until the phone has been looked through. */
export function useIsOnPatrol(): ComputedRef<boolean> {
  const me = useMe();
  return computed(() => me.value === null || me.value.roles.includes("grid_member"));
}
