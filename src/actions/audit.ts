import {randomUUID} from 'node:crypto';
import {hostname, userInfo} from 'node:os';
import {setTimeout as wait} from 'node:timers/promises';
import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {Fact, Outcome, Prepared} from './action.ts';
import {fact} from './facts.ts';
import {ago, span} from './words.ts';

/** Who asks, as far as this machine knows. The server adds what it knows: database user, address, application, pid. */
export type Operator = {
  readonly osUser: SafeText;
  /** The SSH client's address, else this machine's name. */
  readonly client: SafeText;
};

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the operator from the system: `alice`, or `alice as root` behind sudo; the address in SSH_CONNECTION. */
export function thisOperator(env: Env = process.env): Operator {
  const user = systemUser();
  const asked = env.SUDO_USER && env.SUDO_USER !== user ? `${env.SUDO_USER} as ${user}` : user;
  const ssh = (env.SSH_CONNECTION ?? env.SSH_CLIENT ?? '').split(' ')[0];
  return {osUser: sanitise(asked, 100), client: sanitise(ssh ? `ssh ${ssh} to ${hostname()}` : hostname(), 200)};
}

// A container may run under a number that no file names.
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}

/** What one run writes into shared.audit_log. */
export type AuditRun = {
  readonly id: string;
  readonly actionId: string;
  /** The table that it works on; the target's name where that is something else. */
  readonly table: SafeText;
  readonly targetName: SafeText;
  readonly operator: Operator;
};

export const newAuditRun = (run: Omit<AuditRun, 'id'>): AuditRun => ({id: randomUUID(), ...run});

const STATEMENT_LIMIT = 10_000;
const NOTICES_KEPT = 100;
const RETRY_LIMIT_MS = 5000;
const RETRY_EVERY_MS = 500;

/** Writes the first row on the action's own connection, before it starts, and gives its id. Rejects when it cannot. */
export async function auditStart(
  client: pg.PoolClient,
  sql: SqlLibrary,
  run: AuditRun,
  {sql: statements, changes}: Pick<Prepared, 'sql' | 'changes'>,
): Promise<string> {
  const part = {result: 'started', ...(changes ? {detail: JSON.stringify({changes})} : {})};
  const {rows} = await client.query(sql.statement('audit/record', 0), record(run, statements, part));
  return rows[0].id;
}

/**
 * Writes how it ended as a row of its own (the log is append-only), through any connection. Where the path to the
 * server has just broken it tries for some seconds. Rejects when it cannot.
 */
export async function auditEnd(io: Io, run: AuditRun, outcome: Outcome): Promise<void> {
  const {auditId: started, summary, notices, sql, rows, ms, outcome: result, changes} = outcome;
  const detail = JSON.stringify({started, summary, notices: notices.slice(0, NOTICES_KEPT), changes});
  const deadline = performance.now() + RETRY_LIMIT_MS;
  for (;;) {
    try {
      await io.query('audit/record', record(run, sql, {result, rows, ms, detail}));
      return;
    } catch (error) {
      // Not after a timeout: the row may have been written.
      if (failureOf(error).why !== 'down' || performance.now() > deadline) throw error;
      await wait(RETRY_EVERY_MS);
    }
  }
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
  const statement = sanitise(statements.join('; '), STATEMENT_LIMIT);
  const [who, table] = [operator.osUser.slice(0, 100), at.slice(0, 200)];
  return [who, actionId, table, targetName, statement, rows, ms, result, detail, id, operator.osUser, operator.client];
}

/** When this was last done to this target, by whom, how long it took and how it ended. */
export async function lastRunFact(
  io: Io,
  {actionId, table, targetName}: Pick<AuditRun, 'actionId' | 'table' | 'targetName'>,
): Promise<Fact | undefined> {
  const [row] = await io.query('actions/last_run', [actionId, targetName, table]).catch(() => []);
  if (!row) return undefined;
  const ended =
    row.result === null ? 'its end was never written' : `${row.result}, took ${span(Number(row.ms ?? 0) / 1000)}`;
  return fact('last run', `${ago(String(row.at))} by ${row.who}: ${ended}`, row.result !== 'done');
}
