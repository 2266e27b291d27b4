import {count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import type {Result} from './action.ts';
import {PACE} from './batch-pace.ts';
import {holders} from './facts.ts';
import type {Ended, Session} from './session.ts';
import type {TableInfo} from './tables.ts';
import {lockTimeout, sessionWords} from './words.ts';

/** Rows of a table that are too old, and the statement that takes a batch of them away. */
export type OldRows = {
  /** Its parameters are the cutoff and the size of the batch; `took` names the column with the number of rows that it took. */
  readonly statement: string;
  readonly took: string;
  readonly table: TableInfo | undefined;
  /** As shown: `logging.system_logs`. */
  readonly name: string;
  /** Fixed by the plan, so that the work has an end. */
  readonly cutoff: string;
  /** How many there were when it was planned. */
  readonly rows: number;
  /** For messages: a `line` or `row`, which was `moved` or `deleted`, and whereto. */
  readonly words: {readonly one: string; readonly did: string; readonly whereto: string};
  /** Counts those that are left. Rejects with the driver's error. */
  readonly left: (io: Io) => Promise<number>;
};

/**
 * Takes old rows away in batches of one statement each, at the pace of `PACE`. What was taken stays so when a run is
 * cancelled or fails, and the next run continues from there.
 */
export async function takeOldRows(session: Session, old: OldRows): Promise<Result> {
  const {statement, took, name, cutoff, rows, words} = old;
  let [size, done] = [PACE.first as number, 0];
  for (let batch = 1; ; batch++) {
    const steps = batch + Math.max(0, Math.ceil((rows - done) / size) - 1);
    const current = sanitise(`${name}, ${count(done)} of ${plural(rows, words.one)} ${words.did}`);
    const startedAt = performance.now();
    const ended = await session.run(statement, {step: batch, steps, current}, [cutoff, size]);
    if (!ended.ok) return stopped(session, ended, done, old);
    const ms = performance.now() - startedAt;
    const now = Number(ended.rows[0]?.[took]);
    done += now;
    if (now < size) return finished(session.io, done, old);
    size = PACE.next(size, ms);
    await PACE.pause(ms, session.signal);
  }
}

async function finished(io: Io, done: number, {words, left}: OldRows): Promise<Result> {
  const rest = await left(io).catch(() => 0);
  const summary = `${plural(done, words.one)} ${words.did}${words.whereto}`;
  if (rest === 0) return {outcome: 'done', rows: done, summary: `${summary}.`};
  const stay = `${plural(rest, words.one)} are locked by other sessions and stay: run it again later`;
  return {outcome: done > 0 ? 'partial' : 'skipped', rows: done, summary: `${summary}; ${stay}.`};
}

async function stopped(
  session: Session,
  ended: Extract<Ended, {ok: false}>,
  done: number,
  {rows, words, table}: OldRows,
): Promise<Result> {
  const soFar = `${count(done)} of ${plural(rows, words.one)} ${words.did}${words.whereto}; the rest stays`;
  const {how, failure} = ended;
  if (how === 'cancelled') {
    const by = session.signal.aborted ? '' : ' by another session';
    return {outcome: 'cancelled', rows: done, summary: `Cancelled${by}: ${soFar}.`};
  }
  if (how === 'lost') {
    const batch = `the last batch was ${words.did} completely or not at all`;
    return {outcome: 'failed', rows: done, summary: `The connection broke (${failure.message}): ${soFar}; ${batch}.`};
  }
  const outcome = done > 0 ? 'partial' : failure.sqlstate === '55P03' ? 'skipped' : 'failed';
  return {outcome, rows: done, summary: `${soFar}: ${await reason(session, ended, table)}.`};
}

async function reason(session: Session, ended: Extract<Ended, {ok: false}>, table: TableInfo | undefined) {
  const {failure, blockers} = ended;
  if (failure.sqlstate === '22012')
    return 'a batch archived another number of lines than it deleted, and was rolled back';
  if (failure.sqlstate !== '55P03') return sanitise(failure.message);
  const now = table ? (await holders(session.io, [table], session.pid).catch(() => [])).map(sessionWords) : [];
  return lockTimeout(session.lockMs, now.length > 0 ? now : blockers);
}
