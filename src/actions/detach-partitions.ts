import {plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact, holderFact} from './facts.ts';
import {retryFailure, retryLock} from './lock-retry.ts';
import {refused} from './refused.ts';
import type {Session} from './session.ts';
import {shown, withValues} from './statements.ts';
import {listTables} from './tables.ts';
import type {Target} from './target.ts';
import {quoted, targetName} from './target.ts';

/** The lock timeout of shared.detach_old_partitions. */
const LOCK_MS = 1000;

/**
 * Detaches the months past their retention from a partitioned table, all of them in one statement. Each stays as a table
 * of its own, which can be attached again, backed up or dropped. The retention has no default: it must be given. The archives of
 * closed books keep all their months until everything that is closed has moved there.
 */
export const detachPartitionsAction: Action = {
  id: 'detach-partitions',
  title: 'Detach partitions',
  key: '',
  danger: 'locks',
  help: 'Detaches the months that ended more than --days ago; they stay as tables of their own.',
  targets: ['table'],
  defaultTarget: {kind: 'table', schema: 'data_ingestion', name: 'market_data'},
  flags: {days: {help: 'months that ended more than N days ago', min: 1, max: 36_500}},
  orphan: 'ends',
  prepare,
};

const ARCHIVES: ReadonlySet<string> = new Set(['execution.archived_trades', 'analytics.archived_sync_ledger']);
const MOVING =
  'Closed trades still wait to be moved into the archives: run tradetop maintain close-books again first, with its month.';

async function prepare({io, sql, options}: ActionContext, target: Target): Promise<Prepared> {
  if (target.kind !== 'table') throw new Error('not a table');
  const {schema, name} = target;
  const days = retentionOf(options.flags?.days);
  if (typeof days === 'string') return refused(days);
  const waiting =
    ARCHIVES.has(`${schema}.${name}`) && (await io.query('actions/closing_state', ['infinity']))[0]?.moving;
  if (waiting === true) return refused(MOVING);
  const months = await io.query('actions/old_months', [schema, name, days]);
  const old = months.filter(m => m.partition !== null);
  const statement = sql.statement('actions/detach_partitions', io.pgVersion());
  const tables = months.length > 0 ? await listTables(io, target) : [];
  const rows = old.reduce((n, m) => n + Number(m.rows), 0);
  return {
    sql: old.length === 0 ? [] : [withValues(shown(statement), quoted(schema, name), days)],
    facts: [
      fact('ended', `more than ${plural(days, 'day')} ago`),
      fact('months', old.map(m => String(m.month)).join(', ') || 'none', old.length > 0),
      fact('rows', `about ${plural(rows, 'row')} leave ${targetName(target, '')}`, rows > 0),
      fact('afterwards', 'each month is a table of its own; nothing is deleted'),
      fact('lock', 'AccessExclusive, briefly: reads and writes of the table wait for at most 1 s'),
      await holderFact(io, tables),
    ],
    refusal: refusalOf(target, months),
    execute: session => detach(session, {target, statement, days, old}),
  };
}

/** The days, or why they are refused, in a sentence. */
function retentionOf(days: number | undefined): number | string {
  if (days === undefined)
    return 'No retention is given. Add --days N to detach the months that ended more than N days ago.';
  return Number.isInteger(days) && days >= 1 ? days : `A retention is at least 1 day, not ${days}.`;
}

function refusalOf(target: Target, [first]: readonly Raw[]): string | undefined {
  if (!first) return `There is no partitioned table ${targetName(target, '')}.`;
  return first.may ? undefined : 'This role may not detach partitions: connect as tradetop_operator.';
}

type Work = {
  readonly target: Extract<Target, {kind: 'table'}>;
  readonly statement: string;
  readonly days: number;
  readonly old: readonly Raw[];
};

async function detach(session: Session, {target, statement, days, old}: Work): Promise<Result> {
  if (old.length === 0)
    return {outcome: 'done', rows: undefined, summary: `No month ended more than ${plural(days, 'day')} ago.`};
  const {schema, name} = target;
  const position = {step: 1, steps: 1, current: sanitise(old.map(m => m.month).join(', '))};
  const ended = await retryLock(session, () => session.run(statement, position, [quoted(schema, name), days]));
  if (ended.ok) {
    const gone = ended.rows.map(r => `${r.month} is now ${r.partition}`);
    return {outcome: 'done', rows: undefined, summary: `${plural(gone.length, 'month')} detached: ${gone.join('; ')}.`};
  }
  // The catalogue shows what became of the statement, even where its answer was lost.
  const left = await session.io.query('actions/old_months', [schema, name, days]).catch(() => undefined);
  if (ended.how === 'lost' && left?.every(m => m.partition === null)) {
    return {outcome: 'done', rows: undefined, summary: `${plural(old.length, 'month')} detached.`};
  }
  if (ended.how === 'cancelled')
    return {outcome: 'cancelled', rows: undefined, summary: 'Cancelled: no month was detached.'};
  const outcome = ended.failure.sqlstate === '55P03' ? 'skipped' : 'failed';
  const state = ended.how === 'lost' ? 'all months were detached, or none' : 'no month was detached';
  return {outcome, rows: undefined, summary: `Failed, ${state}: ${retryFailure(ended, LOCK_MS)}.`};
}
