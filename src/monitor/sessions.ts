import {z} from 'zod';
import type {Raw} from '../io/io.ts';
import {decode, maybeNumber, number, serviceName, text} from './columns.ts';
import {type Poller, TIMEOUT_MS} from './poller.ts';
import type {SessionsRow} from './rows.ts';
import {blind} from './source-error.ts';

const SQL = 'monitor/sessions';

const row = z.object({
  role: z.string(),
  application: z.string(),
  database: text,
  sessions: number,
  active: number,
  idle: number,
  idle_in_transaction: number,
  waiting: number,
  hidden: number,
  idle_pid: maybeNumber,
  idle_seconds: maybeNumber,
  waiting_pid: maybeNumber,
  blocked_seconds: maybeNumber,
  blocked_by: maybeNumber,
  holder_role: z.string().nullable(),
  holder_application: z.string().nullable(),
  reader: text,
});

/** Rows as the panes show them. */
export function sessionsRows(raws: readonly Raw[]): readonly SessionsRow[] {
  const rows = decode(row, raws, SQL);
  const hidden = rows.find(r => r.hidden > 0);
  if (hidden) throw blind(hidden.reader);
  return rows.map(r => ({
    service: serviceName(r.role, r.application),
    database: r.database,
    sessions: r.sessions,
    active: r.active,
    idle: r.idle,
    idleInTransaction: r.idle_in_transaction,
    idleInTransactionSeconds: r.idle_seconds ?? 0,
    idleInTransactionPid: r.idle_pid,
    waiting: r.waiting,
    waitingPid: r.waiting_pid,
    blockedSeconds: r.blocked_seconds ?? 0,
    blockedBy: r.blocked_by,
    blockedByService: r.holder_role === null ? undefined : serviceName(r.holder_role, r.holder_application),
  }));
}

/** Who is connected, a row a service, and who keeps whom waiting. */
export const sessionsPoller: Poller<{sessions: SessionsRow}> = {
  ids: ['sessions'],
  everyMs: 1000,
  timeoutMs: TIMEOUT_MS,
  sql: [SQL],
  deltas: false,
  reader:
    () =>
    async ({trading}, {prefectDatabase}) => ({sessions: sessionsRows(await trading.query(SQL, [prefectDatabase]))}),
};
