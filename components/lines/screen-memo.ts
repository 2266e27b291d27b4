import {type ComponentType, type MemoExoticComponent, memo} from 'react';
import type {Micros} from '../../src/core/time.ts';

/**
 * A component that is drawn again only when its props have other values. `now` counts in whole seconds: the clock and
 * the ages on the screen show no less, and a finer one would draw everything at every frame.
 */
export const memoOnScreen = <P extends object>(component: ComponentType<P>): MemoExoticComponent<ComponentType<P>> =>
  memo(component, sameScreen);

type Timed = {readonly now?: Micros};

function sameScreen(a: Timed, b: Timed): boolean {
  const second = ({now = 0}: Timed) => Math.floor(now / 1e6);
  return second(a) === second(b) && sameValues({...a, now: 0}, {...b, now: 0}, DEPTH);
}

// Deep enough for the rows in a list in the data of a pane, which may be made anew at every frame.
const DEPTH = 4;

function sameValues(a: unknown, b: unknown, depth: number): boolean {
  if (Object.is(a, b)) return true;
  if (depth === 0 || !isPlain(a) || !isPlain(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(x);
  return keys.length === Object.keys(y).length && keys.every(key => sameValues(x[key], y[key], depth - 1));
}

// Longer lists are compared by identity.
const MOST_ITEMS = 64;

const isPlain = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length <= MOST_ITEMS
    : typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
