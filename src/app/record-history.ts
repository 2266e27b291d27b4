import {PANES} from '../../components/panes/index.ts';
import type {State} from '../model/state.ts';
import type {Store} from '../store/store.ts';

/** Time between two points of the past, in milliseconds. */
const EVERY_MS = 5000;

/** Records the numbers of the panes whose sources are read now, every five seconds, until the function it gives is called. */
export function recordHistory({now, history}: Pick<Store, 'now' | 'history'>): () => void {
  const timer = setInterval(() => recordAll(now(), history), EVERY_MS);
  return () => clearInterval(timer);
}

/** Records the numbers of every pane whose sources are read. @internal */
export function recordAll(state: State, history: Pick<Store['history'], 'record'>): void {
  for (const pane of PANES) {
    const sources = pane.reads(state).map(id => state.samples[id]);
    const isRead = sources.every(({state: held, asleep}) => (held === 'ok' || held === 'empty') && asleep !== true);
    if (isRead) history.record(pane.id, pane.recorded(state), state.at);
  }
}
