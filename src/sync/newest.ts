import {isoMicros} from '../core/time.ts';
import type {Raw} from '../io/io.ts';
import type {Batch} from './batch.ts';
import type {Refused} from './outcome.ts';
import {enterQuarantine, quarantineKey} from './quarantine.ts';
import type {Ask} from './session.ts';
import {arraysOf, MARK_COLUMNS, POSITION_COLUMNS} from './sql-columns.ts';
import type {SyncMark, SyncPosition} from './sync-event.ts';

/** What became of positions and marks. */
export type Newest = {
  /** Those that are now the newest of their key. */
  readonly positions: number;
  readonly marks: number;
  /** Those that are older than what analytics has. */
  readonly stalePositions: number;
  readonly staleMarks: number;
  /** Those whose time lies ahead of the database's clock: they are in quarantine. */
  readonly refused: readonly Refused[];
};

/**
 * Keeps the newest of each position and of each mark, inside a transaction; what is ahead of the database's clock goes into
 * quarantine in the same transaction. To do it again changes nothing.
 */
export async function keepNewest(ask: Ask, {positions, marks}: Pick<Batch, 'positions' | 'marks'>): Promise<Newest> {
  const held = positions.length === 0 ? [] : await ask('sync/positions', arraysOf(positions, POSITION_COLUMNS));
  const unheld = await setAside(ask, positions, held, ({accountId, symbol}) => [accountId, symbol]);
  const priced = marks.length === 0 ? [] : await ask('sync/marks', arraysOf(marks, MARK_COLUMNS));
  const unpriced = await setAside(ask, marks, priced, ({key}) => [key]);
  return {
    positions: held.length - unheld.length,
    stalePositions: positions.length - held.length,
    marks: priced.length - unpriced.length,
    staleMarks: marks.length - priced.length,
    refused: [...unheld, ...unpriced],
  };
}

/** Puts those events into quarantine that a statement returned as `ahead`, by their key and time. */
async function setAside<Event extends SyncPosition | SyncMark>(
  ask: Ask,
  events: readonly Event[],
  rows: readonly Raw[],
  keyOf: (event: Event) => readonly string[],
): Promise<readonly Refused[]> {
  const ahead = new Set(rows.filter(row => row.ahead !== null).map(identityOf));
  const refused = events.filter(event => ahead.has([...keyOf(event), isoMicros(event.asOf)].join('\u001f')));
  const why = "its time lies ahead of the database's clock";
  for (const event of refused) await enterQuarantine(ask, {kind: event.kind, key: quarantineKey(event), event}, why);
  return refused.map(event => ({kind: event.kind, key: quarantineKey(event), why, byEvent: true}));
}

const identityOf = (row: Raw): string =>
  [row.account_id, row.symbol, row.ahead].filter(part => part !== undefined).join('\u001f');
