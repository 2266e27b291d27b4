import {randomUUID} from 'node:crypto';
import {setTimeout as wait} from 'node:timers/promises';
import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import {duration} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {Prepared} from './action.ts';
import {fact} from './facts.ts';
import type {Operator} from './operator.ts';
import type {Fact, Outcome, RowChange} from './plan.ts';
import {ago} from './words.ts';

/** A run as shared.audit_log records it. */
export type AuditRun = {
  readonly id: string;
  readonly actionId: string;
  /** The table that it works on, or the target's name where that is not a table. */
  readonly table: SafeText;
  readonly targetName: SafeText;
  readonly operator: Operator;
};

/** A run with an id of its own, by which its two records are found. */
export const newAuditRun = (run: Omit<AuditRun, 'id'>): AuditRun => ({id: randomUUID(), ...run});

const MAX_STATEMENT_LENGTH = 10_000;
const MAX_NOTICES = 100;
const RETRY_LIMIT_MS = 5000;
const RETRY_EVERY_MS = 500;

/** Writes the run's first record on the action's own connection, before it starts. Gives its id; rejects with the driver's error. */
export async function auditStart(
  client: pg.PoolClient,
  sql: SqlLibrary,
  run: AuditRun,
  {sql: statements, changes, reason}: Pick<Prepared, 'sql' | 'changes'> & {readonly reason: string | undefined},
): Promise<string> {
  const detail = changes || reason ? {detail: JSON.stringify({reason, changes})} : {};
  const part = {result: 'started', ...detail};
  const {rows} = await client.query(sql.statement('audit/record', 0), record(run, statements, part));
  return rows[0].id;
}

/**
 * Writes how the run ended, as a record of its own (the log is append-only), on any connection. Where the server does not
 * answer it retries for 5 s. Rejects with the driver's error.
 */
export async function auditEnd(io: Io, run: AuditRun, outcome: Outcome): Promise<void> {
  const {auditId: started, summary, notices, sql, rows, ms, outcome: result, changes} = outcome;
  const detail = JSON.stringify({started, summary, notices: notices.slice(0, MAX_NOTICES), changes});
  const deadline = performance.now() + RETRY_LIMIT_MS;
  for (;;) {
    try {
      await io.query('audit/record', record(run, sql, {result, rows, ms, detail}));
      return;
    } catch (error) {
      // Not after a timeout: the record may have been written.
      if (failureOf(error).why !== 'down' || performance.now() > deadline) throw error;
      await wait(RETRY_EVERY_MS);
    }
  }
}

/** A change as one transaction records it together with its effect. */
type RecordedChange = {
  readonly actionId: string;
  readonly table: string;
  readonly target: string;
  readonly operator: Operator;
  readonly change: RowChange;
};

/** Writes a record inside the transaction of the change itself: the books have it only together. */
export async function recordInTransaction(
  ask: (sql: string, params: readonly unknown[]) => Promise<unknown>,
  {actionId, table, target, operator, change}: RecordedChange,
): Promise<void> {
  const run = newAuditRun({actionId, table: sanitise(table), targetName: sanitise(target), operator});
  await ask('audit/record', record(run, [], {result: 'applied', rows: 1, detail: JSON.stringify({changes: [change]})}));
}

type Part = {
  readonly result: string;
  readonly rows?: number | undefined;
  readonly ms?: number;
  readonly detail?: string;
};

function record(
  {id, operator, actionId, table: at, targetName}: AuditRun,
  statements: readonly string[],
  part: Part,
): unknown[] {
  const {result, rows = null, ms = null, detail = null} = part;
  const statement = sanitise(statements.join('; '), MAX_STATEMENT_LENGTH);
  const [who, table] = [operator.osUser.slice(0, 100), at.slice(0, 200)];
  return [who, actionId, table, targetName, statement, rows, ms, result, detail, id, operator.osUser, operator.client];
}

/**
 * When the action last ran on this target, by whom, how it ended and how long it took. The name is what the client said,
 * the one in brackets is the database user, which no client can set.
 */
export async function lastRunFact(
  io: Io,
  {actionId, table, targetName}: Pick<AuditRun, 'actionId' | 'table' | 'targetName'>,
): Promise<Fact | undefined> {
  const [row] = await io.query('actions/last_run', [actionId, targetName, table]).catch(() => []);
  if (!row) return undefined;
  const ended =
    row.result === null
      ? 'its end was not recorded'
      : row.result === 'lost'
        ? 'its console died'
        : `${row.result}, took ${duration(Number(row.ms ?? 0))}`;
  return fact('last run', `${ago(String(row.at))} by ${row.who} (${row.db_user}): ${ended}`, row.result !== 'done');
}
