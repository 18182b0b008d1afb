/** What the user prefers on this phone. */

import { ref, watch } from "vue";

const LARGE = "safegrid-field-large";

function stored(): boolean {
  try {
    return localStorage.getItem(LARGE) === "yes";
  } catch {
    return false;
  }
}

/** Large letters. */
export const isLarge = ref(stored());

watch(
  isLarge,
  (large) => {
    document.documentElement.toggleAttribute("data-large", large);
    try {
      localStorage.setItem(LARGE, large ? "yes" : "no");
    } catch {
      // Not kept for the next time, which is all.
    }
  },
  { immediate: true },
);
