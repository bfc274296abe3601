/** What a button anywhere may ask of the one keyboard listener in the shell. */
const OPEN_PALETTE = "strata:palette";

export const openPalette = (): void => void window.dispatchEvent(new Event(OPEN_PALETTE));

export function onOpenPalette(listener: () => void): () => void {
  window.addEventListener(OPEN_PALETTE, listener);
  return () => window.removeEventListener(OPEN_PALETTE, listener);
}

/** Whether a key belongs to what is being typed. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
