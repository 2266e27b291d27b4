import type {Raw} from '../io/io.ts';
import {decode, maybeNumber, maybeText, type RowOf, rowSchema, text, textOrEmpty} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {blind} from './source-error.ts';

const SQL = 'monitor/vacuum';

const row = rowSchema({
  relation: textOrEmpty,
  /** Undefined where PostgreSQL hides the details. */
  phase: maybeText,
  heap_blocks: maybeNumber,
  scanned_blocks: maybeNumber,
  reader: text,
});

/** A VACUUM under way. */
export type VacuumProgressRow = RowOf<typeof vacuumRows>;

/** Throws a SourceError where PostgreSQL hides the details. @internal */
export function vacuumRows(raws: readonly Raw[]) {
  return decode(row, raws, SQL).map(({relation, phase, heapBlocks = 0, scannedBlocks = 0, reader}) => {
    if (phase === undefined) throw blind(reader);
    // An empty table has no blocks to scan: it counts as scanned.
    const all = phase === 'initializing' ? 0 : 100;
    return {
      relation,
      /** Heap blocks scanned of all, 0…100. */
      percent: heapBlocks > 0 ? Math.min(100, (scannedBlocks * 100) / heapBlocks) : all,
    };
  });
}

/** The VACUUMs under way in the trading database. */
export const vacuumPoller: Poller<{vacuum: VacuumProgressRow}> = {
  ids: ['vacuum'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}) => ({vacuum: vacuumRows(await trading.query(SQL))}),
};
