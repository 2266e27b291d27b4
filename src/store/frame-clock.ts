import type {Micros} from '../core/time.ts';

/** Shortest time between two frames that `soon` asks for, in milliseconds. */
const FRAME_MS = 250;
/** First readings come together: they are drawn when none has come for so long, in milliseconds. */
const SETTLE_MS = 60;
/** The screen is drawn at each full second even when nothing happens: ages and the clock move on. */
const TICK_MS = 1000;
/** A terminal that takes frames slowly gets one this seldom, in milliseconds. */
const SLOWEST_MS = 2000;

/** Decides when frames are drawn. */
export type FrameClock = {
  /** Draws at once. */
  readonly now: () => void;
  /** Draws soon: at the earliest one interval after the last frame. */
  readonly soon: () => void;
  /** Draws when it has not been asked for 60 ms, and within an interval: what comes in a moment is one frame. */
  readonly settle: () => void;
  /** No frame is drawn any more. */
  readonly close: () => void;
};

export type FrameClockOptions = {
  readonly draw: () => void;
  /** The time that the screen shows: the quiet frames are drawn when its second changes. */
  readonly time: () => Micros;
  /** False while the terminal still takes the last frame: then the next one waits. */
  readonly mayDraw: () => boolean;
};

/**
 * A clock of frames. What a person does is drawn at once, what `soon` asks for at most four times a second, and anything
 * else with the frame of the next full second. While the terminal is slow the interval grows with the time that it takes.
 */
export function createFrameClock({draw, time, mayDraw}: FrameClockOptions): FrameClock {
  let timer: NodeJS.Timeout | undefined;
  // Whoever makes the clock draws the first frame.
  let drawn = performance.now();
  let interval = FRAME_MS;
  let settlesBy: number | undefined;
  let [due, waited, closed] = [false, false, false];
  const schedule = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(frame, ms);
  };
  const toTick = (): number => TICK_MS - (Math.floor(time() / 1000) % TICK_MS);
  const now = (): void => {
    if (closed) return;
    due = false;
    settlesBy = undefined;
    drawn = performance.now();
    draw();
    if (!due) schedule(toTick());
  };
  function frame(): void {
    if (!mayDraw()) {
      waited = true;
      schedule(FRAME_MS);
      return;
    }
    interval = waited ? Math.min(SLOWEST_MS, performance.now() - drawn + FRAME_MS) : Math.max(FRAME_MS, interval / 2);
    waited = false;
    now();
  }
  return {
    now,
    soon: () => {
      if (due || closed) return;
      due = true;
      schedule(Math.max(0, drawn + interval - performance.now()));
    },
    settle: () => {
      if (closed) return;
      const at = performance.now();
      due = true;
      settlesBy ??= at + FRAME_MS;
      schedule(Math.max(0, Math.min(settlesBy - at, SETTLE_MS)));
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
