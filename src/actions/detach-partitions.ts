import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {Action, ActionContext, Prepared, Result, Target} from './action.ts';
import {fact, holderFact} from './facts.ts';
import {retryLock, whyNot} from './lock-retry.ts';
import {refused} from './refused.ts';
import type {Session} from './session.ts';
import {shown, withValues} from './statements.ts';
import {listTables} from './tables.ts';
import {quoted, targetName} from './target.ts';
import {plural} from './words.ts';

/**
 * Takes the months past their retention out of a partitioned table, all of them in one statement. Each stays as a table of
 * its own, which can be attached again, backed up or dropped by hand. There is no default retention: it is always named.
 */
export const detachPartitionsAction: Action = {
  id: 'detach-partitions',
  title: 'Detach partitions',
  key: '',
  danger: 'locks',
  help: 'Takes the months out of the table that ended more than --days ago; they stay as tables of their own.',
  targets: ['table'],
  defaultTarget: {kind: 'table', schema: 'data_ingestion', name: 'market_data'},
  sql: ['actions/detach_partitions'],
  orphan: 'ends',
  prepare,
};

async function prepare({io, sql, options}: ActionContext, target: Target): Promise<Prepared> {
  if (target.kind !== 'table') throw new Error('not a table');
  const {schema, name} = target;
  const days = retentionOf(options.olderThanDays);
  if (typeof days === 'string') return refused(days);
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
      fact('then', 'each month is a table of its own: nothing is deleted'),
      fact('lock', 'AccessExclusive for a moment: reads and writes of the table wait, 1 s at most'),
      await holderFact(io, tables),
    ],
    refusal: refusalOf(target, months),
    execute: session => detach(session, {target, statement, days, old}),
  };
}

/** The days, or a sentence that says why they cannot be had. */
function retentionOf(days: number | undefined): number | string {
  if (days === undefined) return 'No retention is named. Add --days N: months that ended more than N days ago go.';
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
  if (old.length === 0) return {outcome: 'done', rows: undefined, summary: 'No month ended so long ago.'};
  const {schema, name} = target;
  const place = {step: 1, steps: 1, current: sanitise(old.map(m => m.month).join(', '))};
  const ended = await retryLock(session, () => session.run(statement, place, [quoted(schema, name), days]));
  if (ended.ok) {
    const gone = ended.rows.map(r => `${r.month} is now ${r.partition}`);
    return {outcome: 'done', rows: undefined, summary: `${plural(gone.length, 'month')} detached: ${gone.join('; ')}.`};
  }
  // All in one statement: what its answer did not tell, the catalogue does.
  const left = await session.io.query('actions/old_months', [schema, name, days]).catch(() => undefined);
  if (ended.how === 'lost' && left?.every(m => m.partition === null)) {
    return {outcome: 'done', rows: undefined, summary: `${plural(old.length, 'month')} detached.`};
  }
  if (ended.how === 'cancelled')
    return {outcome: 'cancelled', rows: undefined, summary: 'Cancelled: every month stays.'};
  const outcome = ended.failure.sqlstate === '55P03' ? 'skipped' : 'failed';
  const fate = ended.how === 'lost' ? 'all of them went, or none' : 'every month stays';
  return {outcome, rows: undefined, summary: `Not detached, ${fate}: ${whyNot(ended)}.`};
}
