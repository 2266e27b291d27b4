import {setTimeout as wait} from 'node:timers/promises';
import {sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import type {Action, ActionContext, Prepared, Result, Target} from './action.ts';
import {fact, holders} from './facts.ts';
import {refused} from './refused.ts';
import type {Ended, Session} from './session.ts';
import {shown} from './statements.ts';
import {listTables, type TableInfo} from './tables.ts';
import {ago, bytes, plural, sessionWords, wholeCount} from './words.ts';

const DAYS = 30;
const TARGET: Target = {kind: 'table', schema: 'logging', name: 'system_logs'};
/** The batch grows and shrinks so that one takes about this long: short locks, little WAL at once. */
const BATCH_MS = 500;
const [LEAST, FIRST, MOST] = [100, 1000, 10_000];
/** After a batch as long a pause as it took, within these bounds, so that others have the disk half of the time. */
const [PAUSE_LEAST_MS, PAUSE_MOST_MS] = [20, 1000];

/**
 * Moves log lines past their retention into the archive, in batches that are one statement each: a line is in one table
 * or the other at any moment, and what was moved stays moved when it is cancelled or breaks; the next run goes on. When
 * our process dies, the batch under way ends with it.
 */
export const archiveLogsAction: Action = {
  id: 'archive-logs',
  title: 'Archive old logs',
  key: 'L',
  danger: 'destroys',
  help: 'Moves old lines of logging.system_logs into the archive, in small batches.',
  targets: ['table'],
  defaultTarget: TARGET,
  sql: ['actions/archive_logs'],
  orphan: 'ends',
  prepare,
};

async function prepare({io, sql, options}: ActionContext, target: Target): Promise<Prepared> {
  const days = options.olderThanDays ?? DAYS;
  const isLogs = target.kind === 'table' && target.schema === 'logging' && target.name === 'system_logs';
  if (!isLogs) return refused('Only logging.system_logs has an archive.');
  const [row] = await io.query('actions/old_logs', [days, null], {timeoutMs: 6000});
  const [table] = await listTables(io, target);
  const statement = sql.statement('actions/archive_logs', io.pgVersion());
  const lines = Number(row?.lines ?? 0);
  return {
    facts: [
      fact('older than', `${plural(days, 'day')}`),
      fact('lines to move', wholeCount(lines)),
      fact('oldest', ago(row?.oldest as string | null)),
      fact('size', table?.bytes ? bytes(table.bytes) : 'n/a'),
      fact('batches', `at most ${wholeCount(MOST)} lines, about half a second each, as long a pause after each`),
      fact('lock', 'RowExclusive: reads and writes go on; lines that others have locked stay'),
      fact('then', 'VACUUM ANALYZE logging.system_logs gives the space to new lines'),
    ],
    sql: [shown(statement)],
    refusal: row?.may ? undefined : 'This role may not archive logs: connect as tradetop_operator.',
    execute: session => archive(session, {statement, table, cutoff: String(row?.cutoff), lines}),
  };
}

type Work = {
  readonly statement: string;
  readonly table: TableInfo | undefined;
  /** Taken once, so that the work has an end. */
  readonly cutoff: string;
  readonly lines: number;
};

async function archive(session: Session, {statement, table, cutoff, lines}: Work): Promise<Result> {
  let [size, moved] = [FIRST, 0];
  for (let batch = 1; ; batch++) {
    const steps = batch + Math.max(0, Math.ceil((lines - moved) / size) - 1);
    const current = sanitise(`logging.system_logs, ${wholeCount(moved)} of ${plural(lines, 'line')} moved`);
    const startedAt = performance.now();
    const ended = await session.run(statement, {step: batch, steps, current}, [cutoff, size]);
    if (!ended.ok) return stopped(session, ended, moved, lines, table);
    const ms = performance.now() - startedAt;
    const archived = Number(ended.rows[0]?.archived);
    moved += archived;
    if (archived < size) return finished(session.io, moved, cutoff);
    size = Math.round(Math.min(MOST, size * 2, Math.max(LEAST, (size * BATCH_MS) / ms, size / 2)));
    const pause = Math.min(PAUSE_MOST_MS, Math.max(PAUSE_LEAST_MS, ms));
    await wait(pause, undefined, {signal: session.signal}).catch(() => {});
  }
}

async function finished(io: Io, moved: number, cutoff: string): Promise<Result> {
  const [row] = await io.query('actions/old_logs', [null, cutoff], {timeoutMs: 6000}).catch(() => []);
  const left = Number(row?.lines ?? 0);
  const summary = `${plural(moved, 'line')} moved into the archive`;
  if (left === 0) return {outcome: 'done', rows: moved, summary: `${summary}.`};
  const rest = `${plural(left, 'line')} stay, since other sessions have them locked: run it again later`;
  return {outcome: moved > 0 ? 'partial' : 'skipped', rows: moved, summary: `${summary}; ${rest}.`};
}

async function stopped(
  session: Session,
  ended: Extract<Ended, {ok: false}>,
  moved: number,
  lines: number,
  table: TableInfo | undefined,
): Promise<Result> {
  const soFar = `${wholeCount(moved)} of ${plural(lines, 'line')} moved into the archive, the rest stays`;
  const {how, failure} = ended;
  if (how === 'cancelled') {
    const by = session.signal.aborted ? '' : ' by somebody else';
    return {outcome: 'cancelled', rows: moved, summary: `Cancelled${by}: ${soFar}.`};
  }
  if (how === 'lost') {
    const batch = 'the batch under way was moved whole or not at all';
    return {outcome: 'failed', rows: moved, summary: `The connection broke (${failure.message}): ${soFar}; ${batch}.`};
  }
  const outcome = moved > 0 ? 'partial' : failure.sqlstate === '55P03' ? 'skipped' : 'failed';
  return {outcome, rows: moved, summary: `${soFar}: ${await reason(session, ended, table)}.`};
}

async function reason(session: Session, ended: Extract<Ended, {ok: false}>, table: TableInfo | undefined) {
  const {failure, blockers} = ended;
  if (failure.sqlstate === '22012') return 'a batch would have archived another number of lines than it deleted';
  if (failure.sqlstate !== '55P03') return sanitise(failure.message);
  const now = table ? (await holders(session.io, [table], session.pid).catch(() => [])).map(sessionWords) : [];
  const who = (now.length > 0 ? now : blockers).join('; ');
  return `its lock was not had in time${who ? `, held by ${who}` : ''}`;
}
