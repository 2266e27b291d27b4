import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, instant, maybeNumber, maybeText, number, type RowOf, rowSchema, serviceName, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import {blind} from './source-error.ts';

const SQL = 'monitor/sessions';

const row = rowSchema({
  role: z.string(),
  application: z.string(),
  database: text,
  sessions: number,
  active: number,
  idle: number,
  /** The application that has most of the idle ones, and how many it has. */
  idle_application: maybeText,
  idle_alike: number,
  idle_in_transaction: number,
  /** Age of the longest idle transaction; 0 when there is none. */
  idle_in_transaction_seconds: number,
  idle_in_transaction_pid: maybeNumber,
  /** When that session began. */
  idle_in_transaction_start: instant,
  /** Sessions that wait for a lock. */
  waiting: number,
  /** The longest wait for a lock; 0 when there is none. */
  blocked_seconds: number,
  /** The session that holds that lock; 0 for a prepared transaction. */
  blocked_by: maybeNumber,
  holder_role: z.string().nullable(),
  holder_application: z.string().nullable(),
  /** Sessions of which PostgreSQL keeps no state, since track_activities is off for them. */
  untracked: number,
  /** Sessions of which PostgreSQL hides the state. */
  hidden: number,
  reader: text,
});

/** The sessions of one service (role and application) in one database. */
export type SessionsRow = RowOf<typeof sessionsRows>;

/** Throws a SourceError where PostgreSQL hides a session. @internal */
export function sessionsRows(raws: readonly Raw[]) {
  const rows = decode(row, raws, SQL);
  const unseen = rows.find(r => r.hidden > 0);
  if (unseen) throw blind(unseen.reader);
  return rows.map(({role, application, holderRole, holderApplication, hidden, reader, ...rest}) => ({
    ...rest,
    /** A service of the desk, and not a person or a tool. */
    ofDesk: /^svc_|^tradetop_sync$/.test(role),
    service: serviceName(role, application),
    blockedByService: holderRole === null ? undefined : serviceName(holderRole, holderApplication),
  }));
}

/** Who is connected, one row a service, and who blocks whom. */
export const sessionsPoller: Poller<{sessions: SessionsRow}> = {
  ids: ['sessions'],
  everyMs: 4000,
  unseenMs: 4000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}, {prefectDatabase}) => ({sessions: sessionsRows(await trading.query(SQL, [prefectDatabase]))}),
};
