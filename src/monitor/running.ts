import {z} from 'zod';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import {decode, instant, maybeNumber, maybeText, number, oneLine, pids, serviceName, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import type {RunningRow} from './rows.ts';
import {blind} from './source-error.ts';

const SQL = 'monitor/running';

const row = z.object({
  pid: number,
  backend_start: instant,
  role: z.string().nullable(),
  application: z.string().nullable(),
  database: maybeText,
  state: maybeText,
  wait: maybeText,
  seconds: maybeNumber,
  query: z.string().nullable().transform(oneLine),
  hidden: z.boolean(),
  blocked_by: pids,
  reader: text,
});

/** Rows as the panes show them. */
export function runningRows(raws: readonly Raw[]): readonly RunningRow[] {
  const rows = decode(row, raws, SQL);
  const hidden = rows.find(r => r.hidden);
  if (hidden) throw blind(hidden.reader);
  return rows.map(r => ({
    pid: r.pid,
    backendStart: r.backend_start ?? 0,
    service: serviceName(r.role, r.application),
    application: sanitise(r.application ?? ''),
    database: r.database ?? sanitise(''),
    state: r.state ?? sanitise(''),
    wait: r.wait,
    blockedBy: r.blocked_by,
    seconds: r.seconds ?? 0,
    query: r.query,
  }));
}

/** What runs longer than the threshold now. */
export const runningPoller: Poller<{running: RunningRow}> = {
  ids: ['running'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}, {slowMs}) => ({running: runningRows(await trading.query(SQL, [slowMs]))}),
};
