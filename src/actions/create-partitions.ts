import {failureOf} from '../core/errors.ts';
import {count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact, holderFact} from './facts.ts';
import {retryFailure, retryLock} from './lock-retry.ts';
import type {Session} from './session.ts';
import {shown, withValues} from './statements.ts';
import {listTables} from './tables.ts';
import type {Target} from './target.ts';
import {quoted, targetName} from './target.ts';

const MONTHS_AHEAD = 6;
/** The lock timeout of shared.create_monthly_partition. */
const LOCK_MS = 2000;
/** Months that are made at once for rows in the default partition; the rest is the next run's. */
const MAX_WAITING = 120;

/**
 * Creates the missing monthly partitions of a table from this month on, and those that rows in its default partition wait
 * for, however old, which moves these rows. Each month is a transaction of its own, so that what was created stays. When our process dies, a statement that waits for a lock ends with it.
 */
export const createPartitionsAction: Action = {
  id: 'create-partitions',
  title: 'Create partitions',
  key: 'P',
  danger: 'locks',
  help: 'Creates monthly partitions ahead, and those that rows in the default partition wait for, which move there.',
  targets: ['table'],
  defaultTarget: {kind: 'table', schema: 'data_ingestion', name: 'market_data'},
  flags: {months: {help: `N months ahead (${MONTHS_AHEAD})`, min: 1, max: 120}},
  orphan: 'ends',
  prepare,
};

async function prepare({io, sql, options}: ActionContext, target: Target): Promise<Prepared> {
  if (target.kind !== 'table') throw new Error('not a table');
  const {schema, name} = target;
  const ahead = options.flags?.months ?? MONTHS_AHEAD;
  const months = await io.query('actions/months', [schema, name, ahead]);
  const waiting = await waitingMonths(io, months[0]);
  const missing = missingOf(months, waiting.months);
  const statement = sql.statement('actions/create_partition', io.pgVersion());
  const tables = months.length > 0 ? await listTables(io, target) : [];
  return {
    sql: missing.map(month => withValues(shown(statement), quoted(schema, name), month)),
    facts: [
      fact('months', `${months.filter(m => m.ready).length} of ${plural(months.length, 'month')} exist`),
      fact('missing', missing.map(m => m.slice(0, 7)).join(', ') || 'none'),
      fact('default partition', waiting.words, waiting.words !== NO_ROWS),
      fact('lock', 'ShareUpdateExclusive: reads and writes continue; the default partition is locked briefly'),
      await holderFact(
        io,
        tables.filter(t => t.kind === 'partitioned' || t.name.endsWith('_default')),
      ),
    ],
    refusal: refusalOf(target, months),
    execute: session => create(session, {target, statement, missing, ahead}),
  };
}

const NO_ROWS = 'no rows';

type Waiting = {readonly months: readonly string[]; readonly words: string};

/** The months that rows in the default partition wait for; none where this role may not look, which the words say. */
async function waitingMonths(io: Io, first: Raw | undefined): Promise<Waiting> {
  if (!first || first.default_table === null) return {months: [], words: first ? 'there is none' : NO_ROWS};
  const names = {
    schema: String(first.default_schema),
    table: String(first.default_table),
    key: String(first.key),
  };
  try {
    const rows = await io.query('actions/waiting_months', [MAX_WAITING], {names});
    const months = rows.map(row => String(row.month));
    const listed = months.map(m => m.slice(0, 7)).join(', ');
    return {months, words: months.length === 0 ? NO_ROWS : `has rows of ${plural(months.length, 'month')}: ${listed}`};
  } catch (error) {
    return {months: [], words: `cannot be read: ${failureOf(error).message}`};
  }
}

const missingOf = (months: readonly Raw[], waiting: readonly string[]): readonly string[] =>
  [...new Set([...waiting, ...months.filter(m => !m.ready).map(m => String(m.month))])].toSorted();

function refusalOf(target: Target, [first]: readonly Raw[]): string | undefined {
  if (!first) return `There is no partitioned table ${targetName(target, '')}.`;
  if (!first.may) return 'This role may not create partitions: connect as tradetop_operator.';
  return undefined;
}

type Work = {
  readonly target: Extract<Target, {kind: 'table'}>;
  readonly statement: string;
  readonly missing: readonly string[];
  readonly ahead: number;
};

async function create(session: Session, {target, statement, missing, ahead}: Work): Promise<Result> {
  const created: string[] = [];
  const failed: string[] = [];
  let stopped: 'cancelled' | 'failed' | undefined;
  for (const [i, month] of missing.entries()) {
    const position = {step: i + 1, steps: missing.length, current: sanitise(month.slice(0, 7))};
    const ended = await retryLock(session, () =>
      session.run(statement, position, [quoted(target.schema, target.name), month]),
    );
    if (ended.ok) created.push(`${month.slice(0, 7)} ${ended.rows[0]?.result}`);
    else if (ended.how === 'error') failed.push(`${month.slice(0, 7)} failed (${retryFailure(ended, LOCK_MS)})`);
    else {
      stopped = ended.how === 'cancelled' ? 'cancelled' : 'failed';
      if (ended.how === 'lost') failed.push(`the connection broke (${ended.failure.message})`);
      break;
    }
  }
  const left = await leftOf(session.io, target, ahead);
  const made = left === undefined ? created.length : missing.filter(month => !left.includes(month)).length;
  const summary = [
    missing.length === 0
      ? 'All partitions exist'
      : `${count(made)} of ${plural(missing.length, 'missing partition')} created`,
    ...created,
    ...failed,
  ].join('; ');
  const outcome = stopped ?? (left?.length === 0 ? 'done' : made > 0 ? 'partial' : 'failed');
  return {outcome, rows: undefined, summary: `${summary}.`};
}

/** The months that are missing or waited for after the run; undefined: the server did not answer. */
async function leftOf(io: Io, {schema, name}: Work['target'], ahead: number): Promise<readonly string[] | undefined> {
  try {
    const months = await io.query('actions/months', [schema, name, ahead]);
    return missingOf(months, (await waitingMonths(io, months[0])).months);
  } catch {
    return undefined;
  }
}
