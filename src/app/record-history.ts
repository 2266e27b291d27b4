import {PANES} from '../../components/panes/index.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import type {Store} from '../store/store.ts';

/** Time between two points of the past, in milliseconds. */
const EVERY_MS = 5000;

/**
 * Records the numbers of the panes whose sources are read now, every five seconds, until the function it gives is called. In
 * the middle of a point's time: a late tick then still falls in it, and what is a gap was one.
 */
export function recordHistory({now, history}: Pick<Store, 'now' | 'history'>): () => void {
  let timer: NodeJS.Timeout | undefined;
  const waitFrom = (at: Micros): void => {
    timer = setTimeout(tick, EVERY_MS - ((at / 1000 + EVERY_MS / 2) % EVERY_MS));
  };
  const tick = (): void => {
    const state = now();
    recordAll(state, history);
    waitFrom(state.at);
  };
  waitFrom(nowMicros());
  return () => clearTimeout(timer);
}

/** Records the numbers of every pane whose sources are read. @internal */
export function recordAll(state: State, history: Pick<Store['history'], 'record'>): void {
  for (const pane of PANES) history.record(pane.id, pane.recorded(state), state.at);
}
