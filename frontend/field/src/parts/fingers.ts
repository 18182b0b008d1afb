/** One finger drags, two pinch, a wheel zooms, a tap touches. */

export interface Moves {
  drag(dx: number, dy: number): void;
  zoom(factor: number, x: number, y: number): void;
  touch(x: number, y: number): void;
}

const TAP_PX = 8;

/** Follows pointers on an element until the returned function is called. */
export function followFingers(element: HTMLElement, moves: Moves): () => void {
  const fingers = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  const at = (event: MouseEvent): { x: number; y: number } => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const down = (event: PointerEvent): void => {
    element.setPointerCapture(event.pointerId);
    if (fingers.size === 0) travelled = 0;
    fingers.set(event.pointerId, at(event));
  };
  const move = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const now = at(event);
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) moves.drag(now.x - before.x, now.y - before.y);
    else {
      const apart = Math.hypot(before.x - other.x, before.y - other.y);
      moves.drag((now.x - before.x) / 2, (now.y - before.y) / 2);
      if (apart > 0) moves.zoom(Math.hypot(now.x - other.x, now.y - other.y) / apart, (now.x + other.x) / 2, (now.y + other.y) / 2);
      travelled += TAP_PX;
    }
    fingers.set(event.pointerId, now);
  };
  const up = (event: PointerEvent): void => {
    if (fingers.delete(event.pointerId) && fingers.size === 0 && travelled < TAP_PX && event.type === "pointerup") {
      const { x, y } = at(event);
      moves.touch(x, y);
    }
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const { x, y } = at(event);
    moves.zoom(event.deltaY < 0 ? 1.25 : 0.8, x, y);
  };
  const heard: [string, EventListener][] = [
    ["pointerdown", down as EventListener], ["pointermove", move as EventListener],
    ["pointerup", up as EventListener], ["pointercancel", up as EventListener],
  ]; // prettier-ignore
  for (const [name, listener] of heard) element.addEventListener(name, listener);
  element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    for (const [name, listener] of heard) element.removeEventListener(name, listener);
    element.removeEventListener("wheel", wheel);
  };
}
