import type {SafeText} from '../core/sanitise.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import type {Progress, StepPosition} from './plan.ts';
import {sessionWords} from './words.ts';

const FIRST_MS = 150;
const EVERY_MS = 500;
// A backend that has been idle this long has answered; its answer was lost.
const ANSWERED_SECONDS = 5;

export type ProgressOptions = {
  /** The pool to ask, which is not the backend's. */
  readonly ask: Pg;
  readonly pid: number;
  readonly backendStart: string;
  readonly position: StepPosition;
  readonly onProgress: (progress: Progress) => void;
  /** Called when the backend is gone, or answered long ago while our connection still waits. */
  readonly onLost: () => void;
};

export type ProgressWatch = {
  /** The sessions that were last seen to block the backend. */
  readonly blockers: () => readonly SafeText[];
  readonly stop: () => Promise<void>;
};

/** Reports a backend's progress about twice a second until it is stopped. A query that fails is repeated the next time. */
export function watchProgress(options: ProgressOptions): ProgressWatch {
  const {ask, pid, backendStart, position, onProgress, onLost} = options;
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
    // Five times in a row, so that the driver can notice first.
    const over = row === undefined || (row.state === 'idle' && Number(row.seconds) > ANSWERED_SECONDS);
    missing = over ? missing + 1 : 0;
    if (missing > 4) onLost();
    if (waitsFor.length > 0) blockers = waitsFor.map(sessionWords);
    if (row) onProgress(progressOf(row, position, waitsFor.map(sessionWords)));
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
  onProgress({...position, phase: sanitise('starting'), percent: undefined, blockers: []});
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

/** A row of actions/progress as the screen shows it. @internal */
export function progressOf(row: Raw, position: StepPosition, blockers: readonly SafeText[]): Progress {
  const total = Number(row.total ?? 0);
  const percent = total > 0 ? Math.min(100, (100 * Number(row.done ?? 0)) / total) : undefined;
  const phase = blockers.length > 0 ? 'waiting for a lock' : typeof row.phase === 'string' ? row.phase : 'working';
  return {...position, phase: sanitise(phase), percent, blockers};
}
