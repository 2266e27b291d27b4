import {setTimeout as delay} from 'node:timers/promises';
import {failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {WaitProfile} from '../model/wait-profile.ts';

/** A sample every 100 ms for five seconds. Where the server is far away, there are fewer in that time. */
const EVERY_MS = 100;
const WANTED = 50;

/**
 * Looks at a session at equal intervals, and gives the profile so far after each sample. The last one is over, and says
 * why where the session is gone, is hidden from our role, or the server fails. Ends early when `signal` is aborted. A
 * failure is a value.
 */
export async function* profileWaits(
  io: Pick<Io, 'query'>,
  {pid, backendStart}: {readonly pid: number; readonly backendStart: string},
  signal: AbortSignal,
): AsyncGenerator<WaitProfile, void> {
  const counts = new Map<SafeText, number>();
  const profile = (phase: WaitProfile['phase'], why?: string): WaitProfile => ({
    pid,
    phase,
    ...(why === undefined ? {} : {why: sanitise(why, 300)}),
    samples: [...counts.values()].reduce((sum, n) => sum + n, 0),
    wanted: WANTED,
    waits: [...counts].map(([wait, samples]) => ({wait, samples})).toSorted((a, b) => b.samples - a.samples),
  });
  yield profile('sampling');
  const start = performance.now();
  try {
    for (let next = 0; next < WANTED * EVERY_MS && !signal.aborted; ) {
      const [row] = await io.query('explain/wait', [pid, backendStart]);
      if (row === undefined) return yield profile('over', 'the session is gone');
      if (row.hidden === true) return yield profile('over', 'denied: our role may not see what it does');
      const wait = waitOf(row);
      counts.set(wait, (counts.get(wait) ?? 0) + 1);
      yield profile('sampling');
      // What a slow answer has missed is not made up for.
      next = Math.max(next + EVERY_MS, Math.ceil((performance.now() - start) / EVERY_MS) * EVERY_MS);
      await delay(Math.max(0, start + next - performance.now()), undefined, {signal, ref: false}).catch(() => {});
    }
    yield profile('over');
  } catch (error) {
    yield profile('over', failureOf(error).message);
  }
}

/** Only an active session waits for something but its client; the server's own processes have no state. */
function waitOf({state, wait}: Raw): SafeText {
  const idle = typeof state === 'string' && state.startsWith('idle');
  return sanitise(String((idle ? state : wait) ?? 'on CPU'), 100);
}
