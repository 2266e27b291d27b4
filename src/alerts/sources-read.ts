import type {Micros} from '../core/time.ts';
import type {SourceId} from '../model/state.ts';
import type {Seen} from './rule.ts';

/** Whether a source can be judged now: it was read, and what was read is not too old. */
export function isRead(state: Seen, id: SourceId): boolean {
  if (id === 'bus') return state.bus.link.state === 'ready';
  if (id === 'checks') return state.checks.at !== undefined && state.checks.error === undefined;
  const held = state.samples[id];
  return held.state === 'ok' || held.state === 'empty';
}

/** Whether a source should be read and is not. One that this server does not have is not missed. */
export const isUnread = (state: Seen, id: SourceId): boolean =>
  !isRead(state, id) && (id === 'bus' || id === 'checks' || state.samples[id].state !== 'unsupported');

/** Since when the first of them cannot be read. */
export function unreadSince(state: Seen, ids: readonly SourceId[]): Micros {
  return Math.min(
    ...ids.map(id => {
      if (id === 'bus') return state.bus.link.since;
      if (id === 'checks') return state.at;
      const {failingSince, staleAt} = state.samples[id];
      return failingSince ?? staleAt ?? state.at;
    }),
  );
}
