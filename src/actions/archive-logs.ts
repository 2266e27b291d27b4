import {bytes, count, plural} from '../core/format.ts';
import type {Action, ActionContext, Prepared} from './action.ts';
import {PACE} from './batch-pace.ts';
import {fact} from './facts.ts';
import {takeOldRows} from './old-rows.ts';
import {refused} from './refused.ts';
import {shown} from './statements.ts';
import {listTables} from './tables.ts';
import type {Target} from './target.ts';
import {ago} from './words.ts';

const DAYS = 30;
/** Counting the lines may take a while. */
const SLOWLY = {timeoutMs: 6000} as const;
const TARGET: Target = {kind: 'table', schema: 'logging', name: 'system_logs'};

/**
 * Moves log lines past their retention into the archive, in batches of one statement each: a line is always in exactly one
 * of the two tables. What was moved stays moved when a run is cancelled or fails, and the next run continues from there.
 * When our process dies, its batch ends with it.
 */
export const archiveLogsAction: Action = {
  id: 'archive-logs',
  title: 'Archive old logs',
  key: 'L',
  danger: 'destroys',
  help: 'Moves old lines of logging.system_logs into the archive, in small batches.',
  targets: ['table'],
  defaultTarget: TARGET,
  flags: {days: {help: `lines older than N days (${DAYS})`, min: 1, max: 36_500}},
  orphan: 'ends',
  prepare,
};

async function prepare({io, sql, options}: ActionContext, target: Target): Promise<Prepared> {
  const days = options.flags?.days ?? DAYS;
  const isLogs = target.kind === 'table' && target.schema === 'logging' && target.name === 'system_logs';
  if (!isLogs) return refused('Only logging.system_logs has an archive.');
  const [row] = await io.query('actions/old_logs', [days, null], SLOWLY);
  const [table] = await listTables(io, target);
  const statement = sql.statement('actions/archive_logs', io.pgVersion());
  const lines = Number(row?.lines ?? 0);
  return {
    facts: [
      fact('older than', `${plural(days, 'day')}`),
      fact('lines to move', count(lines)),
      fact('oldest', row?.oldest ? ago(String(row.oldest)) : 'none'),
      fact('size', table?.bytes ? bytes(table.bytes) : 'n/a'),
      fact('batches', `at most ${count(PACE.most)} lines, about 0.1 s each; locked lines stay`),
      fact('lock', 'RowExclusive: reads and writes continue'),
      fact('afterwards', 'VACUUM ANALYZE logging.system_logs makes the space free for new lines'),
    ],
    sql: [shown(statement)],
    refusal: row?.may ? undefined : 'This role may not archive logs: connect as tradetop_operator.',
    execute: session =>
      takeOldRows(session, {
        statement,
        took: 'archived',
        table,
        name: 'logging.system_logs',
        cutoff: String(row?.cutoff),
        rows: lines,
        words: {one: 'line', did: 'moved', whereto: ' into the archive'},
        left: async now => Number((await now.query('actions/old_logs', [null, row?.cutoff], SLOWLY))[0]?.lines ?? 0),
      }),
  };
}
