import {z} from 'zod';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {decode, maybeNumber, maybeText, number, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import type {VacuumProgressRow} from './rows.ts';
import {blind} from './source-error.ts';

const SQL = 'monitor/vacuum';

const row = z.object({
  pid: number,
  relation: maybeText,
  phase: maybeText,
  heap_blocks: maybeNumber,
  scanned_blocks: maybeNumber,
  indexes: maybeNumber,
  indexes_done: maybeNumber,
  application: maybeText,
  seconds: maybeNumber,
  reader: text,
});

/** Rows as the panes show them. An empty table has no blocks to scan: it is all scanned. */
export function vacuumRows(raws: readonly Raw[]): readonly VacuumProgressRow[] {
  return decode(row, raws, SQL).map(r => {
    if (r.phase === undefined) throw blind(r.reader);
    const [blocks, scanned] = [r.heap_blocks ?? 0, r.scanned_blocks ?? 0];
    return {
      pid: r.pid,
      relation: r.relation ?? sanitise('unknown'),
      phase: r.phase,
      percent: blocks > 0 ? Math.min(100, (scanned * 100) / blocks) : r.phase === 'initializing' ? 0 : 100,
      application: r.application ?? sanitise(''),
      seconds: r.seconds ?? 0,
      // PostgreSQL tells how many there are only while it works on them.
      ...(r.indexes ? {indexes: r.indexes, indexesDone: r.indexes_done ?? 0} : {}),
    };
  });
}

/** VACUUMs under way in the trading database. */
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
