import type {PaneId} from '../model/ui-state.ts';
import {traceJson} from '../trace/words.ts';
import {type KeyContext, note, open, type Response} from './handler.ts';

/** The columns by which a row names a life, the closest first. */
export const TRACE_IDS = ['trade_id', 'order_id', 'correlation_id'] as const;

/** Asks for the life that a row is of, and opens the overlay that shows it. */
export function traceRow({viewport, at}: KeyContext, pane: PaneId, key: string | undefined): Response {
  const values = key === undefined ? undefined : viewport.values(pane, key);
  const id = TRACE_IDS.map(name => values?.[name]).find(value => typeof value === 'string' && value !== '');
  if (typeof id !== 'string') return note('this row names no trade, order or correlation id', at);
  return {...open({kind: 'trace', scroll: 0}), effects: [{kind: 'trace', id}]};
}

/** The life that is shown, as `trace --json` gives it; undefined: there is none. */
export const traceText = ({state}: Pick<KeyContext, 'state'>): string | undefined =>
  state.trace?.phase === 'read' ? traceJson(state.trace.trace) : undefined;
