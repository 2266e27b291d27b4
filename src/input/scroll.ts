import type {Overlay} from '../model/ui-state.ts';
import type {READING} from './binding.ts';
import {type KeyContext, open, type Response} from './handler.ts';

type Scrolled = Extract<Overlay, {kind: 'act' | (typeof READING)[number]}>;

/** Scrolls the overlay by this many lines, within its bounds. */
export function scrollBy({overlay, viewport}: KeyContext<Scrolled>, by: number): Response {
  // A screen that has grown shows more than when it was scrolled.
  const now = Math.min(overlay.scroll ?? 0, viewport.scrollMax);
  return open({...overlay, scroll: Math.max(0, Math.min(now + by, viewport.scrollMax))});
}
