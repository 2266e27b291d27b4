import {bytes, count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {PACE} from './batch-pace.ts';
import {fact, holders} from './facts.ts';
import {refused} from './refused.ts';
import type {Ended, Session} from './session.ts';
import {shown} from './statements.ts';
import {listTables, type TableInfo} from './tables.ts';
import type {Target} from './target.ts';
import {ago, lockTimeout, sessionWords} from './words.ts';

const DAYS = 30;
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
  const [row] = await io.query('actions/old_logs', [days, null], {timeoutMs: 6000});
  const [table] = await listTables(io, target);
  const statement = sql.statement('actions/archive_logs', io.pgVersion());
  const lines = Number(row?.lines ?? 0);
  return {
    facts: [
      fact('older than', `${plural(days, 'day')}`),
      fact('lines to move', count(lines)),
      fact('oldest', ago(row?.oldest as string | null)),
      fact('size', table?.bytes ? bytes(table.bytes) : 'n/a'),
      fact('batches', `at most ${count(PACE.most)} lines and about 0.1 s each, with pauses as long`),
      fact('lock', 'RowExclusive: reads and writes continue; lines that others have locked stay'),
      fact('afterwards', 'VACUUM ANALYZE logging.system_logs makes the space free for new lines'),
    ],
    sql: [shown(statement)],
    refusal: row?.may ? undefined : 'This role may not archive logs: connect as tradetop_operator.',
    execute: session => archive(session, {statement, table, cutoff: String(row?.cutoff), lines}),
  };
}

type Work = {
  readonly statement: string;
  readonly table: TableInfo | undefined;
  /** Fixed by the plan, so that the work has an end. */
  readonly cutoff: string;
  readonly lines: number;
};

async function archive(session: Session, {statement, table, cutoff, lines}: Work): Promise<Result> {
  let [size, moved] = [PACE.first as number, 0];
  for (let batch = 1; ; batch++) {
    const steps = batch + Math.max(0, Math.ceil((lines - moved) / size) - 1);
    const current = sanitise(`logging.system_logs, ${count(moved)} of ${plural(lines, 'line')} moved`);
    const startedAt = performance.now();
    const ended = await session.run(statement, {step: batch, steps, current}, [cutoff, size]);
    if (!ended.ok) return stopped(session, ended, moved, lines, table);
    const ms = performance.now() - startedAt;
    const archived = Number(ended.rows[0]?.archived);
    moved += archived;
    if (archived < size) return finished(session.io, moved, cutoff);
    size = PACE.next(size, ms);
    await PACE.pause(ms, session.signal);
  }
}

async function finished(io: Io, moved: number, cutoff: string): Promise<Result> {
  const [row] = await io.query('actions/old_logs', [null, cutoff], {timeoutMs: 6000}).catch(() => []);
  const left = Number(row?.lines ?? 0);
  const summary = `${plural(moved, 'line')} moved into the archive`;
  if (left === 0) return {outcome: 'done', rows: moved, summary: `${summary}.`};
  const rest = `${plural(left, 'line')} are locked by other sessions and stay: run it again later`;
  return {outcome: moved > 0 ? 'partial' : 'skipped', rows: moved, summary: `${summary}; ${rest}.`};
}

async function stopped(
  session: Session,
  ended: Extract<Ended, {ok: false}>,
  moved: number,
  lines: number,
  table: TableInfo | undefined,
): Promise<Result> {
  const soFar = `${count(moved)} of ${plural(lines, 'line')} moved into the archive; the rest stays`;
  const {how, failure} = ended;
  if (how === 'cancelled') {
    const by = session.signal.aborted ? '' : ' by another session';
    return {outcome: 'cancelled', rows: moved, summary: `Cancelled${by}: ${soFar}.`};
  }
  if (how === 'lost') {
    const batch = 'the last batch was moved completely or not at all';
    return {outcome: 'failed', rows: moved, summary: `The connection broke (${failure.message}): ${soFar}; ${batch}.`};
  }
  const outcome = moved > 0 ? 'partial' : failure.sqlstate === '55P03' ? 'skipped' : 'failed';
  return {outcome, rows: moved, summary: `${soFar}: ${await reason(session, ended, table)}.`};
}

async function reason(session: Session, ended: Extract<Ended, {ok: false}>, table: TableInfo | undefined) {
  const {failure, blockers} = ended;
  if (failure.sqlstate === '22012')
    return 'a batch archived another number of lines than it deleted, and was rolled back';
  if (failure.sqlstate !== '55P03') return sanitise(failure.message);
  const now = table ? (await holders(session.io, [table], session.pid).catch(() => [])).map(sessionWords) : [];
  return lockTimeout(session.lockMs, now.length > 0 ? now : blockers);
}
