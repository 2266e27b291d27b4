import {z} from 'zod';
import {activityQuery} from '../core/statement-text.ts';
import type {Raw} from '../io/io.ts';
import {
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
  untracked: number,
  /** The sessions that hold the lock it waits for. */
  blocked_by: pids,
  reader: text,
});

/** A query that has run longer than the threshold. */
export type RunningRow = RowOf<typeof runningRows>;

/** Facts about a reading of the running queries as a whole. */
type RunningInfoRow = {
  /** Sessions that PostgreSQL keeps no query of, since track_activities is off for them. */
  readonly untracked: number;
};

/** Throws a SourceError where PostgreSQL hides a session. @internal */
export function runningRows(raws: readonly Raw[]) {
  const rows = decode(row, raws, SQL);
  const unseen = rows.find(r => r.hidden);
  if (unseen) throw blind(unseen.reader);
  return rows
    .filter(({state}) => state !== 'disabled')
    .map(({role, hidden, untracked, reader, query, queryHex, ...rest}) => ({
      ...rest,
      query: activityQuery(query, queryHex),
      backendStart: rest.backendStart ?? 0,
      seconds: rest.seconds ?? 0,
      service: serviceName(role, rest.application),
    }));
}

/** The queries that have run longer than the threshold. */
export const runningPoller: Poller<{running: RunningRow; running_info: RunningInfoRow}> = {
  ids: ['running', 'running_info'],
  everyMs: 1000,
  unseenMs: 4000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}, {slowMs}) => {
      const raws = await trading.query(SQL, [slowMs]);
      return {running: runningRows(raws), running_info: [{untracked: Number(raws[0]?.untracked ?? 0)}]};
    },
};
