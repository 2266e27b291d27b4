/** The screen is drawn this often even when nothing happens, in milliseconds: ages and the clock move on. */
const IDLE_MS = 1000;

/** Decides when frames are drawn. */
export type FrameClock = {
  /** Draws at once. */
  readonly now: () => void;
  /** Draws soon: at the earliest one interval after the last frame. */
  readonly soon: () => void;
  /** No frame is drawn any more. */
  readonly close: () => void;
};

export type FrameClockOptions = {
  readonly draw: () => void;
  /** Shortest time between two frames that `soon` asks for, in milliseconds. */
  readonly frameMs: number;
  /** False while the terminal still writes the last frame: then the next one waits. */
  readonly mayDraw: () => boolean;
};

export function createFrameClock({draw, frameMs, mayDraw}: FrameClockOptions): FrameClock {
  let timer: NodeJS.Timeout | undefined;
  let drawn = 0;
  let [due, closed] = [false, false];
  const schedule = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(frame, ms);
  };
  const now = (): void => {
    if (closed) return;
    due = false;
    drawn = performance.now();
    draw();
    if (!due) schedule(IDLE_MS);
  };
  function frame(): void {
    if (mayDraw()) now();
    else schedule(frameMs);
  }
  return {
    now,
    soon: () => {
      if (due || closed) return;
      due = true;
      schedule(Math.max(0, drawn + frameMs - performance.now()));
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
