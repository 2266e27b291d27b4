import type {SafeText} from '../core/sanitise.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import type {Progress} from './action.ts';
import {sessionWords} from './words.ts';

/** Which of the steps a statement is. */
export type StepPosition = {readonly step: number; readonly steps: number; readonly current: SafeText};

const FIRST_MS = 150;
const EVERY_MS = 500;
// A backend that has been idle this long has answered; what it said is lost on the way.
const ANSWERED_SECONDS = 5;

type Backend = {readonly pid: number; readonly backendStart: string};

/**
 * Reports what a backend does about twice a second until it is stopped, and calls `onLost` when the backend is gone or
 * has long answered while our connection still waits. A question that fails is asked again at the next turn.
 */
export function watchProgress(
  ask: Pg,
  {pid, backendStart}: Backend,
  place: StepPosition,
  onProgress: (progress: Progress) => void,
  onLost: () => void,
): {readonly blockers: () => readonly SafeText[]; readonly stop: () => Promise<void>} {
  let blockers: readonly SafeText[] = [];
  let missing = 0;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;
  const look = async (): Promise<void> => {
    const [row] = await ask.query('actions/progress', [pid, backendStart], {timeoutMs: 2000});
    const waits = row?.wait_event_type === 'Lock';
    const waitsFor = waits ? await ask.query('actions/blockers', [pid], {timeoutMs: 2000}) : [];
    if (stopped) return;
    // Gone for good: the driver had its chance to say so by itself.
    const over = row === undefined || (row.state === 'idle' && Number(row.seconds) > ANSWERED_SECONDS);
    missing = over ? missing + 1 : 0;
    if (missing > 4) onLost();
    if (waitsFor.length > 0) blockers = waitsFor.map(sessionWords);
    if (row) onProgress(progressOf(row, place, waitsFor.map(sessionWords)));
  };
  const next = (ms: number): void => {
    timer = setTimeout(() => {
      turn = look()
        .catch(() => {})
        .then(() => {
          if (!stopped) next(EVERY_MS);
        });
    }, ms);
  };
  onProgress({...place, phase: sanitise('starting'), percent: undefined, blockers: []});
  next(FIRST_MS);
  return {
    blockers: () => blockers,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}

/** One reading of the server's progress views as the screen shows it. `percent` is of the phase. */
export function progressOf(row: Raw, place: StepPosition, blockers: readonly SafeText[]): Progress {
  const total = Number(row.total ?? 0);
  const percent = total > 0 ? Math.min(100, (100 * Number(row.done ?? 0)) / total) : undefined;
  const phase = blockers.length > 0 ? 'waiting for a lock' : typeof row.phase === 'string' ? row.phase : 'working';
  return {...place, phase: sanitise(phase), percent, blockers};
}
