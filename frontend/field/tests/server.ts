/** A server of the contract in docs/field.md, in memory, that can be told to misbehave: stands where the network begins. */

import type { Answer } from "../src/core/settling.ts";

interface Sent {
  id: string;
  kind: string;
  device_time: string;
  offset_ms: number | null;
  depends_on: string[];
  payload: Record<string, unknown>;
}

interface Announced {
  id: string;
  size: number;
  sha256: string;
  taken_at: string;
}

type Reply = { status: number; body?: unknown; headers?: Record<string, string>; raw?: string };
/** Looks at a request before the server does: a reply of its own, "drop" (no answer, nothing done), "lose" (done, answer lost). */
type Trouble = (method: string, path: string) => Reply | "drop" | "lose" | undefined;

export class Server {
  readonly stored = new Map<string, Sent>();
  readonly order: string[] = [];
  readonly uploads = new Map<string, { size: number; sha256: string; taken_at: string; bytes: Uint8Array }>();
  readonly requests: string[] = [];
  readonly batches: string[][] = [];
  chunks = 0;
  trouble: Trouble = () => undefined;
  judge: (operation: Sent) => Partial<Answer> | undefined = () => undefined;
  answered: (answer: Partial<Answer>) => Partial<Answer> = (answer) => answer;
  pages: Record<string, unknown> = {};
  time: () => number = () => Date.now();

  install(): void {
    globalThis.fetch = ((url: string, init: RequestInit = {}) => this.answer(String(url), init)) as typeof fetch;
  }

  private async answer(url: string, init: RequestInit): Promise<Response> {
    const method = init.method ?? "GET";
    const path = url.replace("/api/v1/field", "");
    this.requests.push(`${method} ${path}`);
    const trouble = this.trouble(method, path);
    if (trouble === "drop") throw new TypeError("network");
    const reply = typeof trouble === "object" ? trouble : this.handle(method, path, init);
    if (trouble === "lose") throw new TypeError("network");
    const body = reply.raw ?? JSON.stringify({ server_time: new Date(this.time()).toISOString(), ...(reply.body as object) });
    return new Response(body, { status: reply.status, headers: { "Content-Type": "application/json", ...reply.headers } });
  }

  private handle(method: string, path: string, init: RequestInit): Reply {
    if (path === "/session") return { status: 200, body: { me: { id: "me" } } };
    if (method === "POST" && path === "/330521/operations") return this.operations(JSON.parse(String(init.body)) as { operations: Sent[] });
    if (method === "POST" && path === "/330521/uploads") return this.begin(JSON.parse(String(init.body)) as Announced);
    const chunk = /^\/330521\/uploads\/([^?]+)\?offset=(\d+)$/.exec(path);
    if (method === "PUT" && chunk) return this.chunk(chunk[1] ?? "", Number(chunk[2]), init.body as Uint8Array);
    if (path.startsWith("/330521/pull")) {
      const cursor = new URL(path, "http://x").searchParams.get("cursor") ?? "";
      return { status: 200, body: this.pages[cursor] as object };
    }
    return { status: 404, body: { code: "not_found", detail: "没有" } };
  }

  private operations({ operations }: { operations: Sent[] }): Reply {
    this.batches.push(operations.map(({ id }) => id));
    return { status: 200, body: { answers: operations.map((operation) => this.answered(this.one(operation))) } };
  }

  private one(operation: Sent): Partial<Answer> {
    const { id } = operation;
    if (this.stored.has(id)) return { id, status: "done", result: { id } };
    const judged = this.judge(operation);
    if (judged !== undefined && judged.status !== "done") return { id, ...judged };
    if (operation.depends_on.some((other) => !this.stored.has(other))) return { id, status: "later", words: "先等前一件" };
    const photos = (operation.payload["photos"] ?? []) as string[];
    const missing = photos.filter((photo) => !this.isWhole(photo));
    if (missing.length > 0) return { id, status: "later", missing, words: "缺照片" };
    this.stored.set(id, operation);
    this.order.push(id);
    return { id, status: "done", result: { id } };
  }

  isWhole(photo: string): boolean {
    const upload = this.uploads.get(photo);
    return upload !== undefined && upload.bytes.length === upload.size;
  }

  private begin({ id, size, sha256, taken_at }: Announced): Reply {
    if (!this.uploads.has(id)) this.uploads.set(id, { size, sha256, taken_at, bytes: new Uint8Array() });
    return this.progress(id);
  }

  private chunk(id: string, offset: number, body: Uint8Array): Reply {
    const upload = this.uploads.get(id);
    if (upload === undefined) return { status: 404 };
    if (offset !== upload.bytes.length) return { status: 409, body: { code: "wrong_offset", received: upload.bytes.length } };
    this.chunks += 1;
    upload.bytes = new Uint8Array([...upload.bytes, ...body]);
    return this.progress(id);
  }

  private progress(id: string): Reply {
    return { status: 200, body: { received: this.uploads.get(id)?.bytes.length ?? 0, done: this.isWhole(id) } };
  }
}
