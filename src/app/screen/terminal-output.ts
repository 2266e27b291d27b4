import {closeSync, constants, openSync, writeSync} from 'node:fs';

/** Writes to a terminal without ever waiting for it. */
export type TerminalOutput = {
  readonly write: (text: string) => void;
  /** Whether the terminal has not yet taken all that was written. */
  readonly busy: () => boolean;
  /** How many bytes the terminal has not yet taken. */
  readonly waiting: () => number;
  /** Resolves when the terminal has taken everything or is gone, at the latest after `limitMs`. */
  readonly drained: (limitMs: number) => Promise<void>;
  readonly close: () => void;
};

export type TerminalOutputOptions = {
  /** The terminal, opened without blocking. Default: that of standard output. */
  readonly fd?: number;
  /** The terminal has taken everything after it had been full. */
  readonly onDrain: () => void;
  /** The terminal is gone: nothing is written any more. */
  readonly onError: (error: unknown) => void;
};

// How soon a terminal that is full is tried again, in milliseconds: at first, and at most.
const [FIRST_MS, MOST_MS] = [4, 64];

/** An output to a terminal, which may be full for any time: what it does not take is kept and tried again. */
export function createTerminalOutput({fd = openTerminal(1), onDrain, onError}: TerminalOutputOptions): TerminalOutput {
  let rest: Buffer = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  let waitMs = FIRST_MS;
  let closed = false;
  const waiting = new Set<() => void>();
  const settle = (): void => {
    for (const done of waiting) done();
  };
  const attempt = (): void => {
    timer = undefined;
    try {
      for (waitMs = Math.min(MOST_MS, waitMs * 2); rest.length > 0; waitMs = FIRST_MS) {
        rest = rest.subarray(writeSync(fd, rest));
      }
    } catch (error) {
      if (isFull(error)) timer = setTimeout(again, waitMs);
      else {
        [rest, closed] = [Buffer.alloc(0), true];
        onError(error);
      }
    }
    if (rest.length === 0) settle();
  };
  const again = (): void => {
    attempt();
    if (rest.length === 0 && !closed) onDrain();
  };
  return {
    write: text => {
      if (closed) return;
      rest = Buffer.concat([rest, Buffer.from(text)]);
      if (timer === undefined) attempt();
    },
    busy: () => rest.length > 0,
    waiting: () => rest.length,
    drained: limitMs =>
      new Promise(resolve => {
        const done = (): void => {
          clearTimeout(limit);
          waiting.delete(done);
          resolve();
        };
        const limit = setTimeout(done, limitMs);
        waiting.add(done);
        if (rest.length === 0) done();
      }),
    close: () => {
      clearTimeout(timer);
      closed = true;
      settle();
      if (fd > 2) closeSync(fd);
    },
  };
}

const isFull = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EAGAIN';

/**
 * Opens the terminal of a standard stream once more. Node's own stream to a terminal blocks: while the terminal takes
 * nothing, the program would hear no signal. A new opening does not block, and leaves the shell's as it is. Where none is
 * possible it is the stream's descriptor itself.
 */
export const openTerminal = (standard: number): number => openAgain(standard) ?? openPath('/dev/tty') ?? standard;

/** Opens once more what a standard stream goes to, so that writing does not block; undefined: that is not possible. */
export const openAgain = (standard: number): number | undefined => openPath(`/proc/self/fd/${standard}`);

function openPath(path: string): number | undefined {
  const {O_WRONLY, O_NONBLOCK, O_NOCTTY} = constants;
  try {
    return openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // Another user's terminal, a pipe that nobody reads, or a system without this name of it.
    return undefined;
  }
}
