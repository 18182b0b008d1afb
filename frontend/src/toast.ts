// Short messages in the corner of the page.
import { tr } from "./words";

export type Level = "success" | "info" | "warning" | "danger";

export interface Message {
  text: string;
  level?: Level;
}

const SHOWN_MS = 6000;

function corner(): HTMLElement {
  const found = document.getElementById("toasts");
  if (found) return found;
  const made = document.createElement("div");
  made.id = "toasts";
  made.className = "toast-container position-fixed bottom-0 end-0 p-3";
  made.setAttribute("aria-live", "polite");
  document.body.append(made);
  return made;
}

/** Show a message; an error stays until it is closed, because it must be read. */
export function toast({ text, level = "info" }: Message): void {
  const box = document.createElement("div");
  box.className = `toast show border-${level}`;
  box.setAttribute("role", level === "danger" ? "alert" : "status");
  const body = document.createElement("div");
  body.className = "toast-body d-flex align-items-center";
  const mark = document.createElement("span");
  mark.className = `badge bg-${level} me-2`;
  const words = document.createElement("span");
  words.className = "flex-fill";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close ms-2";
  close.setAttribute("aria-label", tr("关闭"));
  close.addEventListener("click", () => box.remove());
  body.append(mark, words, close);
  box.append(body);
  corner().append(box);
  if (level !== "danger") setTimeout(() => box.remove(), SHOWN_MS);
}

/** Show every message that a page or a fragment carries as `<template data-toast="level">text</template>`. */
export function showCarriedMessages(within: ParentNode): void {
  for (const element of within.querySelectorAll<HTMLTemplateElement>("template[data-toast]")) {
    toast({ text: (element.content.textContent ?? "").trim(), level: element.dataset.toast as Level });
    element.remove();
  }
}
