// "Are you sure?" as a native dialog: keyboard, focus and Escape come with it.
import { tr } from "./words";

/** Ask; resolves to true only when the user pressed the confirming button. */
export function ask(question: string): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm-dialog";
  const form = document.createElement("form");
  form.method = "dialog";
  const words = document.createElement("p");
  words.textContent = question;
  const buttons = document.createElement("div");
  buttons.className = "btn-list justify-content-end";
  buttons.append(button(tr("取消"), "no", "btn"), button(tr("确定"), "yes", "btn btn-primary"));
  form.append(words, buttons);
  dialog.append(form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    dialog.showModal();
  });
}

function button(label: string, value: string, classes: string): HTMLButtonElement {
  const made = document.createElement("button");
  made.value = value;
  made.className = classes;
  made.textContent = label;
  return made;
}

/** Plain forms and links-as-buttons: `<form data-confirm="question">`. htmx's `hx-confirm` goes through `ask` too. */
export function confirmPlainForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.confirm) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    void ask(form.dataset.confirm).then((sure) => {
      if (!sure) return;
      const question = form.dataset.confirm;
      delete form.dataset.confirm;
      form.requestSubmit(submitter);
      if (question) form.dataset.confirm = question;
    });
  }, true);
}
