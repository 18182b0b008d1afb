// Small comforts of plain forms.

/** `data-autosubmit`: a filter form sends itself when a choice changes. */
export function autoSubmit(): void {
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLElement)) return;
    field.closest<HTMLFormElement>("form[data-autosubmit]")?.requestSubmit();
  });
}

/** A form sent once cannot be sent again by an impatient second click. The browser's "back" makes it usable again. */
export function blockSecondSubmit(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset.sent;
  });
}
