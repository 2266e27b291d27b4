import {count, plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {ActionContext, Result} from './action.ts';
import {PACE} from './batch-pace.ts';
import {retryFailure, retryLock} from './lock-retry.ts';
import type {Ended, Session} from './session.ts';

/**
 * Moves what is closed into the archives, by batches of one statement each: a trade is always in one place, row and entry
 * together. `done` says what came before. A run that breaks off leaves the rest to the next one.
 */
export async function moveClosed(session: Session, {io, sql}: ActionContext, done: string): Promise<Result> {
  const stopped = await makeMonths(session, sql.statement('actions/create_partition', io.pgVersion()));
  if (stopped) return endedBy(stopped, done, 0);
  const statement = sql.statement('actions/move_closed', io.pgVersion());
  let [size, moved, at] = [PACE.first as number, 0, null as string | null];
  for (let batch = 1; ; batch++) {
    const current = sanitise(`${plural(moved, 'trade')} moved`);
    const startedAt = performance.now();
    const ended = await session.run(statement, {step: batch, steps: batch, current}, [size, at]);
    if (!ended.ok) return endedBy(ended, done, moved);
    const entries = Number(ended.rows[0]?.entries);
    if (entries === 0 && at === null) {
      const rest = moved === 0 ? 'nothing to move' : `${plural(moved, 'trade')} moved into the archives`;
      return {outcome: 'done', rows: moved, summary: `${done}; ${rest}.`};
    }
    moved += entries;
    // After the last page of rows everything is looked at once more.
    at = (ended.rows[0]?.ended as string | null) ?? null;
    const ms = performance.now() - startedAt;
    size = PACE.next(size, ms);
    await PACE.pause(ms, session.signal);
  }
}

/** Makes the months that the archives lack. Gives the failure of the first one that could not be made. */
async function makeMonths(session: Session, statement: string): Promise<Extract<Ended, {ok: false}> | undefined> {
  const months = await session.io.query('actions/closing_months');
  for (const [i, {archive, month}] of months.entries()) {
    const current = sanitise(`${archive} ${String(month).slice(0, 7)}`);
    const ended = await retryLock(session, () =>
      session.run(statement, {step: i + 1, steps: months.length, current}, [archive, month]),
    );
    if (!ended.ok) return ended;
  }
  return undefined;
}

function endedBy(ended: Extract<Ended, {ok: false}>, done: string, moved: number): Result {
  const soFar = `${done}; ${count(moved)} trades moved so far, the rest by running it again`;
  if (ended.how === 'cancelled') return {outcome: 'cancelled', rows: moved, summary: `${soFar}. Cancelled.`};
  const why = ended.failure.sqlstate === '55P03' ? retryFailure(ended, 0) : sanitise(ended.failure.message);
  return {outcome: moved > 0 ? 'partial' : 'failed', rows: moved, summary: `${soFar}: ${why}.`};
}
