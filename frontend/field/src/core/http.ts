/** Requests to the server: headers, time-outs, the server's time, and failures that can be told apart. */

import { account } from "./account.ts";
import { clock } from "./clock.ts";
import { device } from "./database.ts";
import { NetworkFailure, ServerFailure, UnreadableFailure } from "./failures.ts";

const BASE = "/api/v1/field";
const TIMEOUT_MS = 30_000;
const VERSION = __APP_VERSION__;

export interface Request {
  method?: "GET" | "POST" | "PUT";
  /** JSON, or bytes as they are. */
  body?: unknown;
  deviceId?: string;
  timeoutMs?: number;
}

/** Asks the server; raises `NetworkFailure`, `UnreadableFailure` or `ServerFailure`. */
export async function ask<T>(path: string, request: Request = {}): Promise<T> {
  const sentAt = performance.now();
  const answer = await sent(path, request);
  const body = await read(answer);
  if (answer.ok) {
    learnTime(body, sentAt);
    return body as T;
  }
  throw refusal(answer, body);
}

async function sent(path: string, request: Request): Promise<Response> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), request.timeoutMs ?? TIMEOUT_MS);
  const isBytes = request.body instanceof Uint8Array;
  try {
    return await buffered(
      await fetch(BASE + path, {
        method: request.method ?? "GET",
        headers: await headers(request, isBytes),
        body: isBytes ? (request.body as BodyInit) : request.body === undefined ? null : JSON.stringify(request.body),
        credentials: "same-origin",
        cache: "no-store",
        redirect: "manual",
        signal: patience.signal,
      }),
    );
  } catch {
    throw new NetworkFailure();
  } finally {
    clearTimeout(timer);
  }
}

/** The whole answer, read while the time-out still runs: a connection that dies halfway is no answer. */
async function buffered(answer: Response): Promise<Response> {
  if (answer.type === "opaqueredirect") return answer;
  const body = await answer.arrayBuffer();
  const empty = answer.status === 204 || answer.status === 205 || answer.status === 304;
  return new Response(empty ? null : body, { status: answer.status, headers: answer.headers });
}

async function headers(request: Request, isBytes: boolean): Promise<HeadersInit> {
  const named: Record<string, string> = { Accept: "application/json" };
  if (request.body !== undefined) named["Content-Type"] = isBytes ? "application/octet-stream" : "application/json";
  const id = request.deviceId ?? account()?.deviceId;
  if (id !== undefined) named["X-Field-Device"] = id;
  // What an administrator sees of a phone: how old its app is, and whether work is stuck on it.
  named["X-Field-Version"] = VERSION;
  const unsent = await account()?.database.operations.count().catch(() => undefined);
  if (unsent !== undefined) named["X-Field-Unsent"] = String(unsent);
  if ((request.method ?? "GET") !== "GET") named["X-CSRFToken"] = await csrfToken();
  return named;
}

/** From the cookie; a worker has no cookies to read and takes what a page last saw. */
async function csrfToken(): Promise<string> {
  if (typeof document === "undefined") return (await device.read<string>("csrf")) ?? "";
  const token = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  if (token !== "" && token !== lastToken) {
    lastToken = token;
    await device.write("csrf", token);
  }
  return token;
}
let lastToken = "";

async function read(answer: Response): Promise<unknown> {
  if (answer.status === 204) return null;
  const kind = answer.headers.get("Content-Type") ?? "";
  if (answer.type === "opaqueredirect" || !kind.includes("json")) {
    if (answer.status >= 400) return null; // a proxy's own page: what counts is the status
    throw new UnreadableFailure(answer.status);
  }
  try {
    return await answer.json();
  } catch {
    throw new UnreadableFailure(answer.status);
  }
}

function learnTime(body: unknown, sentAt: number): void {
  const words = (body as { server_time?: unknown } | null)?.server_time;
  const time = typeof words === "string" ? Date.parse(words) : Number.NaN;
  if (!Number.isFinite(time)) return;
  clock.learn(time, sentAt);
  const measured = clock.measured();
  if (measured !== null) void device.write("clock", measured);
}

function refusal(answer: Response, body: unknown): ServerFailure {
  const problem = (body ?? {}) as Record<string, unknown>;
  const code = typeof problem["code"] === "string" ? problem["code"] : `http_${answer.status}`;
  const words = typeof problem["detail"] === "string" && problem["detail"] !== "" ? problem["detail"] : wordsFor(answer.status);
  return new ServerFailure(answer.status, code, words, problem, retryAfterMs(answer));
}

function wordsFor(status: number): string {
  if (status === 401) return "登录已到期，请重新登录；没有发送的内容都还在。";
  if (status === 429 || status === 503) return "服务器正忙，稍后自动再试。";
  if (status >= 500) return `服务器出错（${status}），稍后自动再试。`;
  return `服务器没有接受这次请求（${status}）。`;
}

function retryAfterMs(answer: Response): number | null {
  const words = answer.headers.get("Retry-After");
  if (words === null) return null;
  const seconds = Number(words);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const moment = Date.parse(words);
  return Number.isFinite(moment) ? Math.max(0, moment - clock.time()) : null;
}
