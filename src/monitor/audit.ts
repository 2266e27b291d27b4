import type {z} from 'zod';
import {instant, key, maybeKey, maybeNumber, maybeText, rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/audit';

const row = rowSchema({
  id: key,
  at: instant,
  /** The person or service, as the client names it. */
  user_id: text,
  db_user: text,
  os_user: maybeText,
  /** Where the person sits. */
  client: maybeText,
  application: maybeText,
  address: maybeText,
  operation: text,
  table_name: maybeText,
  target: maybeText,
  /** Undefined: not over, or never ended. */
  result: maybeText,
  rows: maybeNumber,
  duration_ms: maybeNumber,
  statement: maybeText,
  detail: maybeText,
  /** Joins the records of one action. */
  correlation_id: maybeKey,
  backend_pid: maybeNumber,
});

/** A record of the audit log. */
export type AuditRow = z.output<typeof row>;

/** The last records of the audit log. */
export const auditPoller: Poller<{audit: AuditRow}> = statementPoller({
  everyMs: 5000,
  samples: {
    audit: {sql: SQL, row},
  },
});
