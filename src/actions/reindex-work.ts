import {bytes, count, plural} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {ActionContext, Result} from './action.ts';
import {holders} from './facts.ts';
import type {IndexInfo} from './indexes.ts';
import type {Ended, Session} from './session.ts';
import {quoted} from './target.ts';
import {lockTimeout, sessionWords} from './words.ts';

/** One index's statement: to build it anew, or to drop an invalid copy. */
export type IndexJob = {
  readonly kind: 'build' | 'drop';
  readonly index: IndexInfo;
  /** As shown: `execution.trades_pkey`. */
  readonly name: SafeText;
  /** Sent before the statement where it needs another role. */
  readonly setRole: string | undefined;
  readonly statement: string;
  readonly params: readonly string[];
  /** The statement as it is shown. */
  readonly shown: readonly string[];
};

type Status = 'done' | 'skipped' | 'failed' | 'cancelled' | 'lost';
type JobEnd = {readonly status: Status; readonly words: string};

/** It waits so long for older transactions, which it does not hold up: those who come later are not queued behind it. */
const WAIT_MS = 60_000;
const MAX_NAMED = 5;

/** Works through the indexes until it is cancelled or the connection is lost. */
export async function reindexAll(
  session: Session,
  {io, sql}: ActionContext,
  jobs: readonly IndexJob[],
  denied: readonly {readonly why: string}[],
): Promise<Result> {
  const waitMs = Math.max(WAIT_MS, session.lockMs);
  await session.run(sql.statement('actions/lock_wait', io.pgVersion()), undefined, [String(waitMs)]);
  const resetRole = sql.statement('actions/reset_role', 0);
  const ends: JobEnd[] = [];
  for (const [i, job] of jobs.entries()) {
    const became = await session.run(job.setRole ?? resetRole);
    const ended = became.ok
      ? await session.run(job.statement, {step: i + 1, steps: jobs.length, current: job.name}, job.params)
      : became;
    ends.push(await judge({session, context: {io, sql}, job, waitMs}, ended));
    if (ends.at(-1)?.status === 'cancelled' || ends.at(-1)?.status === 'lost') break;
  }
  return resultOf(ends, jobs.length, denied.length);
}

type Judging = {
  readonly session: Session;
  readonly context: Pick<ActionContext, 'io' | 'sql'>;
  readonly job: IndexJob;
  readonly waitMs: number;
};

/** By the catalogue: a new index has another oid, and is valid. */
async function judge(judging: Judging, ended: Ended): Promise<JobEnd> {
  const {session, job, waitMs} = judging;
  const {index, name, kind} = job;
  const rows = await now(session.io, index).catch(() => undefined);
  const same = rows?.find(row => row.same);
  const isDone = kind === 'drop' ? rows !== undefined && !same : same?.valid === true && same.oid !== index.oid;
  const left = kind === 'drop' ? [] : (rows ?? []).filter(row => !row.same);
  const dropped = left.length === 0 ? '' : await dropLeft(judging, left);
  if (isDone) {
    const size = kind === 'drop' ? 'dropped' : `built, ${bytes(index.bytes)} → ${bytes(Number(same?.bytes))}`;
    return {status: 'done', words: `${name} ${size}${dropped}`};
  }
  if (ended.ok) {
    const why = ended.warnings.join('; ') || 'the server gave no reason, but the index is the old one';
    return {status: 'skipped', words: `${name} skipped (${why})${dropped}`};
  }
  const {how, failure, blockers} = ended;
  if (how === 'cancelled') {
    const by = session.signal.aborted ? '' : ' by another session';
    return {status: 'cancelled', words: `${name} cancelled${by}${dropped}`};
  }
  const message = sanitise(failure.message);
  if (how === 'lost') {
    const words = `${name}: the connection broke (${message}); what it left is dropped by the next run`;
    return {status: 'lost', words};
  }
  if (failure.sqlstate !== '55P03') return {status: 'failed', words: `${name} failed (${message})${dropped}`};
  const found = await holders(session.io, [{oid: index.table_oid}], session.pid).catch(() => []);
  const who = found.length > 0 ? found.map(sessionWords) : blockers;
  return {status: 'skipped', words: `${name} skipped (${lockTimeout(waitMs, who)})${dropped}`};
}

const now = (io: Io, {schema, name, table_oid}: IndexInfo): Promise<readonly Raw[]> =>
  io.query('actions/index_now', [schema, name, table_oid]);

/** Drops the copies that this attempt left, after a cancel too, on the connection itself: `run` would not begin. */
async function dropLeft({session, context: {io, sql}, job, waitMs}: Judging, left: readonly Raw[]): Promise<string> {
  const {schema, drops_as, lends} = job.index;
  const words: string[] = [];
  // Whoever cancels does not wait a minute more: another run drops it, too.
  const text = sql.statement('actions/lock_wait', io.pgVersion());
  const waitFor = (ms: number) => session.client.query({text, values: [String(ms)]}).catch(() => {});
  await waitFor(session.lockMs);
  for (const row of left) {
    const index = String(row.name);
    const own = drops_as === '' || drops_as === job.index.runs_as;
    const drop = own
      ? sql.statement('actions/drop_index', io.pgVersion(), {schema, index})
      : sql.statement('actions/drop_leftover_index', io.pgVersion());
    const gone =
      (own || lends) &&
      (await session.client.query(own ? drop : {text: drop, values: [quoted(schema, index)]}).then(
        () => true,
        () => false,
      ));
    words.push(
      gone ? `${sanitise(index)} that it left is dropped` : `it left ${sanitise(index)}, which the next run drops`,
    );
  }
  await waitFor(waitMs);
  return `; ${words.join('; ')}`;
}

function resultOf(ends: readonly JobEnd[], jobs: number, denied: number): Result {
  const has = (status: Status): boolean => ends.some(end => end.status === status);
  const done = ends.filter(end => end.status === 'done');
  const rest = ends.filter(end => end.status !== 'done');
  const outcome = has('cancelled')
    ? 'cancelled'
    : has('lost')
      ? 'failed'
      : rest.length === 0 && denied === 0
        ? 'done'
        : done.length > 0
          ? 'partial'
          : has('failed')
            ? 'failed'
            : 'skipped';
  const [only] = ends;
  if (jobs === 1 && denied === 0 && only) return {outcome, rows: undefined, summary: `${only.words}.`};
  const named = [...rest, ...done].slice(0, MAX_NAMED).map(end => end.words);
  const more = ends.length - named.length;
  const summary = [
    `${count(done.length)} of ${plural(jobs, 'index', 'indexes')} done`,
    ...(denied > 0 ? [`${plural(denied, 'index', 'indexes')} left out`] : []),
    ...named,
    ...(more > 0 ? [`and ${count(more)} more`] : []),
  ].join('; ');
  return {outcome, rows: undefined, summary: `${summary}.`};
}
