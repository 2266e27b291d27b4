import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {
  activityQuery,
  decode,
  instant,
  maybeNumber,
  maybeText,
  number,
  pids,
  type RowOf,
  rowSchema,
  serviceName,
  text,
  textOrEmpty,
} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {blind} from './source-error.ts';

const SQL = 'monitor/running';

const row = rowSchema({
  pid: number,
  backend_start: instant,
  role: z.string().nullable(),
  application: textOrEmpty,
  database: textOrEmpty,
  state: textOrEmpty,
  /** `Lock:transactionid`; undefined while it runs on the processor. */
  wait: maybeText,
  /** Since the query began. */
  seconds: maybeNumber,
  query: z.string().nullable(),
  query_hex: z.string().nullable(),
  /** PostgreSQL hides what this session runs. */
  hidden: z.boolean(),
  /** The sessions that hold the lock it waits for. */
  blocked_by: pids,
  reader: text,
});

/** A query that has run longer than the threshold. */
export type RunningRow = RowOf<typeof runningRows>;

/** Throws a SourceError where PostgreSQL hides a session. @internal */
export function runningRows(raws: readonly Raw[]) {
  const rows = decode(row, raws, SQL);
  const unseen = rows.find(r => r.hidden);
  if (unseen) throw blind(unseen.reader);
  return rows.map(({role, hidden, reader, query, queryHex, ...rest}) => ({
    ...rest,
    query: activityQuery(query, queryHex),
    backendStart: rest.backendStart ?? 0,
    seconds: rest.seconds ?? 0,
    service: serviceName(role, rest.application),
  }));
}

/** The queries that have run longer than the threshold. */
export const runningPoller: Poller<{running: RunningRow}> = {
  ids: ['running'],
  everyMs: 1000,
  unseenMs: 4000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}, {slowMs}) => ({running: runningRows(await trading.query(SQL, [slowMs]))}),
};
