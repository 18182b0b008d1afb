// htmx, set up for Django and a strict content-security policy.
import htmx from "htmx.org";

import { ask } from "./confirm";
import { showCarriedMessages, toast, type Message } from "./toast";
import { tr } from "./words";

interface Problem {
  title?: string;
  detail?: string;
}

/** Configure htmx: CSRF header, confirmation, messages, and which answers replace the page's content. */
export function setUpRequests(): void {
  htmx.config.includeIndicatorStyles = false; // would be an inline style
  htmx.config.allowEval = false; // would need 'unsafe-eval'
  htmx.config.allowScriptTags = false;
  htmx.config.selfRequestsOnly = true;
  htmx.config.historyCacheSize = 0; // pages hold personal data: never in local storage
  htmx.config.responseHandling = [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "(409|422)", swap: true }, // a form with its errors
    { code: "[45]..", swap: false, error: true },
  ];
  on("htmx:configRequest", ({ headers }: { headers: Record<string, string> }) => {
    headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:confirm", (event) => {
    const { question, issueRequest } = (event as CustomEvent<{ question?: string; issueRequest(skip: boolean): void }>)
      .detail;
    if (!question) return;
    event.preventDefault();
    void ask(question).then((sure) => {
      if (sure) issueRequest(true);
    });
  });
  on("htmx:sendError", () => toast({ text: tr("网络不通，操作没有提交，请稍后再试。"), level: "danger" }));
  on("htmx:timeout", () => toast({ text: tr("服务器没有及时答复，请刷新页面确认结果后再试。"), level: "danger" }));
  on("htmx:responseError", ({ xhr }: { xhr: XMLHttpRequest }) => toast({ text: explain(xhr), level: "danger" }));
  on("htmx:load", ({ elt }: { elt: HTMLElement }) => showCarriedMessages(elt));
  // The server may say something with any answer: HX-Trigger: {"toast": {"text": "...", "level": "success"}}
  on("toast", (message: Message) => toast(message));
}

function on<Detail>(name: string, handle: (detail: Detail) => void): void {
  document.addEventListener(name, (event) => handle((event as CustomEvent<Detail>).detail));
}

/** The token that base.html puts in `<meta name="csrf-token">`. */
export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

function explain(xhr: XMLHttpRequest): string {
  if (xhr.getResponseHeader("Content-Type")?.includes("json")) {
    try {
      const problem = JSON.parse(xhr.responseText) as Problem;
      if (problem.detail ?? problem.title) return problem.detail ?? problem.title ?? "";
    } catch {
      // not JSON after all: the general words below
    }
  }
  if (xhr.status === 403) return tr("没有权限，或登录已失效，请刷新页面重新登录。");
  if (xhr.status === 404) return tr("找不到该内容，可能已变更，请刷新页面。");
  return tr("操作没有成功（{status}），请稍后再试。", { status: xhr.status });
}
