import {z} from 'zod';
import {activityQuery} from '../core/statement-text.ts';
import type {Raw} from '../io/io.ts';
import {decode, instant, maybeNumber, number, pids, type RowOf, rowSchema, serviceName, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/blockers';

const row = rowSchema({
  /** 0: a prepared transaction. */
  pid: number,
  backend_start: instant,
  role: z.string().nullable(),
  application: text,
  state: text,
  /** In that state: since its last statement ended, or the present one began. */
  state_seconds: maybeNumber,
  query: z.string().nullable(),
  query_hex: z.string().nullable(),
  /** Sessions that wait for it, and for those. */
  blocks: number,
  /** The longest of their waits. */
  seconds: number,
  /** Their process ids, at most 50. */
  victims: pids,
});

/** A session that blocks others and waits for none. */
export type BlockerRow = RowOf<typeof blockerRows>;

const blockerRows = (raws: readonly Raw[]) =>
  decode(row, raws, SQL).map(({role, backendStart, query, queryHex, ...rest}) => ({
    ...rest,
    query: activityQuery(query, queryHex),
    backendStart: backendStart ?? 0,
    service: serviceName(role, rest.application),
  }));

/** The sessions at the root of those that wait for locks. */
export const blockersPoller: Poller<{blockers: BlockerRow}> = statementPoller({
  everyMs: 1000,
  unseenMs: 4000,
  samples: {
    blockers: {sql: SQL, rows: blockerRows},
  },
});
