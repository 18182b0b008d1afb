/** What the two pages of looks on the spot have in common. */

import { computed, type ComputedRef, ref, type Ref, watch } from "vue";
import { useRoute, useRouter } from "vue-router";

import { type Draft, useDraft, useFeed, useTasks } from "../core/index.ts";
import { say, showRefusal } from "../parts/say.ts";
import type { TaskRow } from "../types.ts";
import { emptyLook, type LookContent, remember } from "./look_draft.ts";

export interface Look {
  draft: Draft<LookContent>;
  content: LookContent;
  task: ComputedRef<TaskRow | undefined>;
  taskId: string;
  isReady: ComputedRef<boolean>;
  /** Neither a task nor a draft is there any more. */
  isGone: ComputedRef<boolean>;
  isSaving: Ref<boolean>;
  /** Runs `write` and goes on to today's list; what went wrong is said, and everything stays. */
  save(write: () => Promise<unknown>): Promise<void>;
}

export function useLook(name: "verify" | "recheck"): Look {
  const router = useRouter();
  const taskId = String(useRoute().params["task"]);
  const { tasks, isReady: areTasksReady } = useTasks();
  const cases = useFeed("cases");
  const draft = useDraft(`${name}:${taskId}`, emptyLook);
  const isSaving = ref(false);
  const task = computed(() => tasks.value.find((one) => one.id === taskId));
  const isReady = computed(() => areTasksReady.value && cases.isReady.value && draft.isReady.value);
  watch(
    [isReady, task],
    () => {
      if (isReady.value) remember(draft.content, task.value, cases.byId.value.get(draft.content.caseId));
    },
    { immediate: true },
  );
  async function save(write: () => Promise<unknown>): Promise<void> {
    isSaving.value = true;
    try {
      await write();
      say("已保存，有信号后自动发送");
      await router.replace("/today");
    } catch (error) {
      await showRefusal(error);
    } finally {
      isSaving.value = false;
    }
  }
  const isGone = computed(() => isReady.value && task.value === undefined && draft.content.caseId === "");
  return { draft, content: draft.content, task, taskId, isReady, isGone, isSaving, save };
}
