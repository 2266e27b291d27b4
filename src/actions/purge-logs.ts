import {bytes, count, plural} from '../core/format.ts';
import type {Action, ActionContext, Prepared} from './action.ts';
import {PACE} from './batch-pace.ts';
import {fact, holderFact} from './facts.ts';
import {KEPT} from './kept-tables.ts';
import {takeOldRows} from './old-rows.ts';
import {refused} from './refused.ts';
import {shown} from './statements.ts';
import {listTables} from './tables.ts';
import type {Target} from './target.ts';
import {quoted} from './target.ts';
import {ago} from './words.ts';

/** More rows are not counted: a plan must not take long. */
const MOST_COUNTED = 1_000_000;
/** Counting them may take a while. */
const SLOWLY = {timeoutMs: 6000} as const;

/** A table whose old rows may be deleted for good: the column that their age goes by, and how many days they are kept. */
type Purged = {readonly time: string; readonly days: number};

/**
 * The log tables and their usual retention. logging.system_logs is not among them: its lines are archived first. The others
 * are kept, each for a reason (`kept-tables.ts`).
 */
export const PURGED = {
  'logging.archived_system_logs': {time: 'timestamp', days: 365},
  'logging.performance_logs': {time: 'timestamp', days: 90},
  'notification.notification_logs': {time: 'created_at', days: 180},
  'data_ingestion.data_quality_logs': {time: 'timestamp', days: 365},
  // One that stands has not cleared, and is kept.
  'shared.alert_lives': {time: 'cleared_at', days: 365},
  'shared.maintenance_runs': {time: 'due_at', days: 365},
} as const satisfies Readonly<Record<string, Purged>>;

/**
 * Deletes rows of a log table past their retention, in batches of one statement each, which nothing brings back. What was
 * deleted stays so when a run is cancelled or fails. When our process dies, its batch ends with it.
 */
export const purgeLogsAction: Action = {
  id: 'purge-logs',
  title: 'Purge old logs',
  key: '',
  danger: 'destroys',
  help: 'Deletes old rows of a log table for good, in small batches; the audit log is never purged.',
  targets: ['table'],
  flags: {days: {help: 'rows older than N days (by table: 90 to 365)', min: 1, max: 36_500}},
  orphan: 'ends',
  prepare,
};

async function prepare({io, sql, options}: ActionContext, target: Target): Promise<Prepared> {
  if (target.kind !== 'table') throw new Error('not a table');
  const name = `${target.schema}.${target.name}`;
  const purged: Purged | undefined = (PURGED as Readonly<Record<string, Purged>>)[name];
  if (purged === undefined) {
    const why = KEPT[name] === undefined ? '' : `${name} keeps its rows: ${KEPT[name]}. `;
    return refused(`${why}Only the rows of log tables are deleted by age: ${Object.keys(PURGED).join(', ')}.`);
  }
  const days = options.flags?.days ?? purged.days;
  const names = {schema: target.schema, table: target.name, time: purged.time};
  const look = async (by: readonly (string | number | null)[], asked = io) => {
    const params = [...by, quoted(target.schema, target.name), MOST_COUNTED + 1];
    return (await asked.query('actions/old_rows', params, {...SLOWLY, names}))[0];
  };
  const row = await look([days, null]);
  const tables = await listTables(io, target);
  const statement = sql.statement('actions/purge_logs', io.pgVersion(), names);
  const rows = Number(row?.rows ?? 0);
  const size = tables[0]?.bytes;
  return {
    facts: [
      fact('older than', plural(days, 'day')),
      fact('rows to delete', rows > MOST_COUNTED ? `more than ${count(MOST_COUNTED)}` : count(rows), rows > 0),
      fact('oldest', ago(row?.oldest as string | null)),
      fact('size', size ? bytes(size) : 'n/a'),
      fact('batches', `at most ${count(PACE.most)} rows and about 0.1 s each, with pauses half as long`),
      fact('lock', 'RowExclusive: reads and writes continue'),
      await holderFact(io, tables),
      fact('afterwards', 'nothing brings the rows back but a backup'),
    ],
    sql: [shown(statement)],
    refusal: row?.may ? undefined : `This role may not delete from ${name}: connect as tradetop_operator.`,
    execute: session =>
      takeOldRows(session, {
        statement,
        took: 'deleted',
        table: tables[0],
        name,
        cutoff: String(row?.cutoff),
        rows,
        words: {one: 'row', did: 'deleted', whereto: ''},
        left: async now => Number((await look([null, String(row?.cutoff)], now))?.rows ?? 0),
      }),
  };
}
