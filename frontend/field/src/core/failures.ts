/** What can go wrong, each with words for the person holding the phone. */

/** Base of every failure that may be shown as it is. */
export class Failure extends Error {
  constructor(
    /** Chinese, says what is the matter and what to do. */
    readonly words: string,
    /** For programs: `network`, `unreadable`, `quota`, or the server's code. */
    readonly code: string,
  ) {
    super(`${code}: ${words}`);
  }
}

/** No answer came: no signal, a server that is away, or a time-out. */
export class NetworkFailure extends Failure {
  constructor(words = "连不上服务器，内容保存在本机，有信号后自动发送。") {
    super(words, "network");
  }
}

/** Something answered, but not our server: a captive portal, a proxy, half an answer. */
export class UnreadableFailure extends Failure {
  constructor(readonly status: number) {
    super("收到的不是本系统的应答（可能是无线网的登录页），稍后自动再试。", "unreadable");
  }
}

/** The server refused a request as a whole. */
export class ServerFailure extends Failure {
  constructor(
    readonly status: number,
    code: string,
    words: string,
    /** The problem's own body. */
    readonly problem: Record<string, unknown>,
    /** Milliseconds to wait, where the server says so. */
    readonly retryAfterMs: number | null,
  ) {
    super(words, code);
  }
}

/** The phone's storage is full; what was being saved has not been saved, what was there is untouched. */
export class StorageFull extends Failure {
  constructor() {
    super("手机存储空间已满，这次没有保存。已有内容都还在；请清理手机空间（照片、视频、不用的应用）后再保存一次。", "quota");
  }
}

/** Runs a write and turns the browser's words for a full phone into ours. */
export async function whileSpaceLasts<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isQuota(error)) throw new StorageFull();
    throw error;
  }
}

function isQuota(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Object; cause = (cause as { inner?: unknown }).inner) {
    if ((cause as { name?: string }).name === "QuotaExceededError") return true;
  }
  return false;
}
