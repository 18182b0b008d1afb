/** How core tells the user of a failure without knowing the pages: the frame lends it a way to. */

type Teller = (error: unknown) => void;

let teller: Teller = (error) => console.error(error);

/** The frame's way of showing a failure. */
export function setTeller(show: Teller): void {
  teller = show;
}

/** Shows a failure in words. */
export function showFailure(error: unknown): void {
  teller(error);
}
