import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import {count} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Pg} from '../io/pg.ts';
import {isPooled} from '../io/pg-session.ts';
import {type Transaction, withTransaction} from '../io/transaction.ts';
import type {Explained, ExplainTarget} from '../model/explained.ts';
import {factsOf, wholeScans} from './facts.ts';

/** Our limits for a plan, in milliseconds: some take long to be made. */
export const EXPLAIN_PG = {statementMs: 5000, lockMs: 200, connectMs: 2500} as const;

const MOST_LINES = 1000;

class Refusal extends Error {
  readonly next: string;

  constructor(message: string, next = '') {
    super(message);
    this.name = 'Refusal';
    this.next = next;
  }
}

/**
 * Asks the planner for a statement's plan. The statement is parsed alone and never executed: in a read-only transaction that
 * is rolled back, with a limit, as `pool` reads. Its constants are placeholders, so that the plan is the generic one. A
 * failure is a value.
 */
export async function explainStatement(pool: Pg, target: ExplainTarget): Promise<Explained> {
  try {
    const mode = {
      readOnly: true,
      commit: false,
      attempts: 1,
      idempotent: true,
      answerMs: EXPLAIN_PG.statementMs + 1000,
    };
    return await withTransaction({connect: () => pool.pool.connect()}, mode, tx => planIn(tx, pool, target));
  } catch (error) {
    if (error instanceof Refusal) return refused(error.message, error.next);
    const {message, next, sqlstate} = failureOf(error);
    if (sqlstate === '42601' && target.kind === 'statement')
      return refused(
        `its text cannot be parsed with placeholders for its constants: ${message}`,
        'Press e on a session that runs it: that has the text as it was sent.',
      );
    return refused(`${NO_PLAN[sqlstate ?? ''] ?? 'the server says'}: ${message}`, next);
  } finally {
    // What is prepared outlives the transaction. It fails where nothing was.
    await pool.query('explain/forget').catch(() => {});
  }
}

const refused = (why: string, next: string): Explained => ({
  phase: 'refused',
  why: sanitise(why, 500),
  next: sanitise(next, 300),
});

/** What an error of the server means here, by its SQLSTATE. */
const NO_PLAN: Readonly<Record<string, string>> = {
  '42601': 'it is not one statement that can be planned',
  '42501': 'our role may not plan it',
  '57014': 'it took too long to plan',
};

async function planIn({client, query}: Transaction, {sql, pgVersion}: Pg, target: ExplainTarget): Promise<Explained> {
  if (isPooled(client)) throw new Refusal('a plan needs a session of its own', 'Connect without the pooler.');
  const ask = async (name: string, values: readonly unknown[], names = {}): Promise<readonly Row[]> =>
    (await query({text: sql.statement(name, pgVersion(), names), values: [...values]})).rows as readonly Row[];
  const found = await textOf(ask, target);
  const [context] = await ask('explain/context', [found.role ?? '']);
  if (context?.superuser === true)
    throw new Refusal(
      'as a superuser we plan no statement of others: the planner may run functions that it names',
      'Connect as tradetop_operator or tradetop_monitor.',
    );
  if (found.database !== context?.database)
    throw new Refusal(`it runs in database ${found.database}, and this console is connected to ${context?.database}`);
  const text = parsable(found.query.trim().replace(/;\s*$/, ''));
  if (text === '') throw new Refusal('there is no text of the statement');
  if (found.cut)
    throw new Refusal('the server kept only the beginning of its text', 'Raise track_activity_query_size.');
  // By the extended protocol the text can only be one statement; PREPARE takes none but those that have a plan.
  await query({text: `${sql.statement('explain/prepare')}\n${text}`, queryMode: 'extended'} as pg.QueryConfig);
  const [{parameters = 0} = {}] = await ask('explain/parameters', []);
  const values = Number(parameters) > 0 ? `(${Array(Number(parameters)).fill('NULL').join(', ')})` : '';
  const {rows} = await query(`${sql.statement('explain/plan')}${values}`);
  const plan = rows.map(row => String(row['QUERY PLAN'])).filter(line => !/^\s*Output:/.test(line));
  const scans = wholeScans(plan);
  const tables = scans.length === 0 ? [] : await ask('explain/scanned', [scans.map(({table}) => table)]);
  return {
    phase: 'planned',
    query: sanitise(text.replace(/\s+/g, ' '), 4000),
    lines: shownLines(plan),
    facts: factsOf(scans, tables).map(fact => sanitise(fact, 400)),
  };
}

// pg_stat_statements makes `interval $1` of `interval '1 day'`, which is no longer SQL.
const parsable = (text: string): string =>
  text.replace(/\b(interval|date|time|timestamp|timestamptz)\s+(\$\d+)/gi, 'CAST($2 AS $1)');

type Row = Readonly<Record<string, unknown>>;
type Found = {
  readonly query: string;
  readonly role: string | null;
  readonly database: string | null;
  readonly cut: boolean;
};

async function textOf(
  ask: (name: string, values: readonly unknown[], names?: {readonly schema: string}) => Promise<readonly Row[]>,
  target: ExplainTarget,
): Promise<Found> {
  if (target.kind === 'session') {
    const [row] = await ask('explain/activity', [target.pid, target.backendStart]);
    if (row === undefined) throw new Refusal('the session is gone');
    return row as Found;
  }
  const [extension] = await ask('explain/extension', []);
  if (extension === undefined) throw new Refusal('the database has no extension pg_stat_statements');
  const {userid, dbid, queryid} = target;
  const [row] = await ask('explain/statement', [userid, dbid, queryid], {schema: String(extension.schema)});
  if (row === undefined) throw new Refusal('pg_stat_statements no longer has this statement');
  return row as Found;
}

function shownLines(plan: readonly string[]): readonly SafeText[] {
  const lines = plan.slice(0, MOST_LINES).map(line => sanitise(line, 1000));
  return plan.length > MOST_LINES ? [...lines, sanitise(`… ${count(plan.length - MOST_LINES)} more lines`)] : lines;
}
