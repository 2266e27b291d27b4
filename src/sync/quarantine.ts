import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Pg} from '../io/pg.ts';
import {type Ask, inTransaction} from './session.ts';
import type {SyncEvent} from './sync-event.ts';

// Data exceptions, integrity constraint violations, program limits (a key too long for its index) and a function's own
// error are the event's fault, and would occur again. All other errors are the server's or the network's, and pass.
const POISON = /^(?:21|22|23|44|54|P0)/;

/** Whether an error is the event's own fault, so that a retry of the same event cannot succeed. */
export const isPoison = (error: unknown): boolean => {
  const {sqlstate} = failureOf(error);
  return sqlstate === undefined ? error instanceof RangeError || error instanceof TypeError : POISON.test(sqlstate);
};

/** Identity of an event in the quarantine: a trade's id; the key and time of a position or a mark. */
export const quarantineKey = (event: SyncEvent): string =>
  event.kind === 'trades' ? event.key : `${event.key.split('\u001f').map(quoted).join(' ')} @ ${event.asOf}`;

/** In quotes where it has a space itself, so that different keys stay different. */
const quoted = (key: string): string => (/[ "]/.test(key) ? JSON.stringify(key) : key);

/** Puts an event into the quarantine inside a transaction, under the key by which it is found there. */
export const enterQuarantine = (
  ask: Ask,
  {kind, key, event}: {readonly kind: SyncEvent['kind']; readonly key: string; readonly event: SyncEvent},
  reason: string,
  sqlstate: string | null = null,
): Promise<unknown> => ask('sync/quarantine', [kind, key, JSON.stringify(event), sqlstate, sanitise(reason, 500)]);

/** Puts an event into the quarantine with the reason why it cannot be applied. */
export async function quarantine(db: Pg, event: SyncEvent, reason: unknown): Promise<void> {
  const {message, sqlstate} = failureOf(reason);
  const entry = {kind: event.kind, key: quarantineKey(event), event};
  await inTransaction(db, ask => enterQuarantine(ask, entry, message, sqlstate));
}
