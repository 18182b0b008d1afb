/** Reading a QR code from the camera: by the browser's own reader, else by jsQR, which is fetched only then. */

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type DetectorClass = (new (options: { formats: string[] }) => Detector) & { getSupportedFormats?: () => Promise<string[]> };

const LARGEST_SIDE = 640;
const PAUSE_MS = 120;

type Reader = (video: HTMLVideoElement) => Promise<string>;

/** Gives what reads one frame: "" when there is no code in it. */
async function reader(): Promise<Reader> {
  const Own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  const formats = (await Own?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (Own !== undefined && formats.includes("qr_code")) {
    const detector = new Own({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
  }
  return ownReader();
}

async function ownReader(): Promise<Reader> {
  const { default: read } = await import("jsqr");
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const ratio = Math.min(1, LARGEST_SIDE / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.round(video.videoWidth * ratio);
    canvas.height = Math.round(video.videoHeight * ratio);
    if (pen === null || canvas.width === 0) return "";
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
    return read(data, width, height, { inversionAttempts: "dontInvert" })?.data ?? "";
  };
}

/** Shows the camera in `video` and tells every code it reads, each once in a row; ends when the returned function is called. Raises what the browser raises. */
export async function scan(video: HTMLVideoElement, told: (text: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  try {
    video.srcObject = stream;
    await video.play();
    const read = await reader();
    void (async () => {
      let last = "";
      while (!isOver) {
        const text = await read(video).catch(() => "");
        if (text !== "" && text !== last && !isOver) told((last = text));
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    })();
    return stop;
  } catch (error) {
    stop();
    throw error;
  }
}

/** Why the camera does not open, and what to do. */
export function cameraWords(error: unknown): string {
  if (navigator.mediaDevices === undefined) return "这个浏览器不能用摄像头扫码，请手工输入二维码下方的签到码。";
  const name = (error as { name?: string } | null)?.name ?? "";
  if (name === "NotAllowedError") return "没有使用摄像头的权限：请在手机设置里允许，或手工输入二维码下方的签到码。";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "没有找到摄像头，请手工输入二维码下方的签到码。";
  return "摄像头打不开（可能被别的应用占用），请重试，或手工输入二维码下方的签到码。";
}
