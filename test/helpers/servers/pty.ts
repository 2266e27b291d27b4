import {closeSync, constants, openSync, writeSync} from 'node:fs';
import * as pty from '@lydell/node-pty';
import xterm, {type Terminal as XtermTerminal} from '@xterm/headless';

export type Terminal = {
  /** The last screen that was drawn to its end: one line a row, trailing spaces removed. */
  readonly screen: () => string;
  /** Types keys, as a terminal would send them. */
  readonly type: (keys: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Waits until the screen shows it. The error has the screen that it saw instead. */
  readonly sees: (what: RegExp | string, limitMs?: number) => Promise<string>;
  /** Waits until the screen no longer shows it. */
  readonly seesNo: (what: RegExp | string, limitMs?: number) => Promise<string>;
  /** Waits for the program to end. Returns its exit code, and the signal that ended it or 0. */
  readonly ended: (limitMs?: number) => Promise<{readonly exitCode: number; readonly signal: number}>;
  readonly kill: (signal?: string) => void;
  /** Hangs up, as a dying SSH connection does. */
  readonly hangUp: () => void;
  /** Takes nothing more of what the program writes, as a terminal behind a dead path does. Keys still arrive. */
  readonly stall: () => Promise<void>;
  readonly pid: number;
  /** Whether the program has left the alternate screen and shows the cursor again. */
  readonly restored: () => boolean;
  /** The emulator itself, for colours. */
  readonly emulator: XtermTerminal;
  /** Everything that the program wrote. */
  readonly raw: () => string;
};

export type TerminalOptions = {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

// What the terminal of who runs the tests is, and what is asked of it.
const OURS = ['CI', 'NO_COLOR', 'FORCE_COLOR', 'TMUX', 'STY', 'COLUMNS', 'LINES'];

/** Runs a program in a pseudo-terminal and reads its screen through a real terminal emulator. */
export function openTerminal(command: string, args: readonly string[], options: TerminalOptions = {}): Terminal {
  const {columns = 120, rows = 34, env = {}, cwd = process.cwd()} = options;
  const inherited = {...process.env} as Record<string, string>;
  for (const name of OURS) delete inherited[name];
  const screen = new xterm.Terminal({cols: columns, rows, allowProposedApi: true, scrollback: 1000});
  const child = pty.spawn(command, [...args], {
    name: env.TERM ?? 'xterm-256color',
    cols: columns,
    rows,
    cwd,
    env: {...inherited, ...env},
  });
  const chunks: string[] = [];
  const watchers = new Set<() => void>();
  let end: {readonly exitCode: number; readonly signal: number} | undefined;
  const changed = () => {
    for (const watcher of watchers) watcher();
  };
  const frames = createFrames(() => textOf(screen));
  child.onData(data => {
    chunks.push(data);
    screen.write(data, () => {
      frames.written(data);
      changed();
    });
  });
  child.onExit(({exitCode, signal = 0}) => {
    end = {exitCode, signal};
    changed();
  });
  // The emulator's answers (device reports) go back to the program, as with a real terminal.
  screen.onData(answer => end === undefined && child.write(answer));

  const text = frames.last;
  const until = <T>(found: () => T | undefined, limitMs: number, said: () => string): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        watchers.delete(check);
      };
      const check = () => {
        const value = found();
        if (value === undefined) return;
        stop();
        resolve(value);
      };
      const timer = setTimeout(() => {
        stop();
        reject(
          new Error(
            `${said()} within ${limitMs} ms${end ? ` (it ended: ${JSON.stringify(end)})` : ''}; the screen:\n${text()}`,
          ),
        );
      }, limitMs);
      watchers.add(check);
      check();
    });
  const matches = (what: RegExp | string) => (typeof what === 'string' ? text().includes(what) : what.test(text()));

  return {
    screen: text,
    type: keys => child.write(keys),
    resize: (c, r) => {
      screen.resize(c, r);
      child.resize(c, r);
    },
    sees: (what, limitMs = 15_000) =>
      until(
        () => (matches(what) ? text() : undefined),
        limitMs,
        () => `did not see ${what}`,
      ),
    seesNo: (what, limitMs = 15_000) =>
      until(
        () => (matches(what) ? undefined : text()),
        limitMs,
        () => `still saw ${what}`,
      ),
    ended: (limitMs = 15_000) =>
      until(
        () => end,
        limitMs,
        () => 'did not end',
      ),
    kill: (signal = 'SIGTERM') => child.kill(signal),
    hangUp: () => (child as unknown as {destroy: () => void}).destroy(),
    stall: async () => {
      child.pause();
      // What was being read when the reading stopped makes room once more.
      for (let room = true; room; ) {
        fill(`/proc/${child.pid}/fd/1`);
        await new Promise(resolve => setTimeout(resolve, 20));
        room = fill(`/proc/${child.pid}/fd/1`) > 0;
      }
    },
    pid: child.pid,
    restored: () => {
      const all = chunks.join('');
      return (
        all.lastIndexOf('\x1b[?1049l') >= all.lastIndexOf('\x1b[?1049h') &&
        all.lastIndexOf('\x1b[?25h') >= all.lastIndexOf('\x1b[?25l')
      );
    },
    emulator: screen,
    raw: () => chunks.join(''),
  };
}

/** Writes to a terminal or a named pipe until it is full. Gives the number of bytes that it took. */
export function fill(path: string): number {
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  let taken = 0;
  try {
    for (;;) taken += writeSync(fd, Buffer.alloc(1024));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return taken;
  } finally {
    closeSync(fd);
  }
}

function textOf(screen: XtermTerminal): string {
  const buffer = screen.buffer.active;
  return Array.from(
    {length: screen.rows},
    (_, y) => buffer.getLine(buffer.viewportY + y)?.translateToString(true, 0, screen.cols) ?? '',
  ).join('\n');
}

// DEC private mode 2026: what a program writes between these is one frame, of which no part is to be shown.
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];

/** Keeps the text of the screen as it was at the end of the last frame; outside a frame it is the present one. */
function createFrames(text: () => string) {
  let tail = '';
  let drawing = false;
  let kept = '';
  return {
    /** Tells what the emulator has just taken in. A sequence may be cut in two. */
    written: (data: string): void => {
      const seen = tail + data;
      const [begun, ended] = [seen.lastIndexOf(BEGIN), seen.lastIndexOf(END)];
      if (begun !== ended) drawing = begun > ended;
      tail = seen.slice(1 - BEGIN.length);
      if (!drawing) kept = text();
    },
    last: (): string => (drawing ? kept : text()),
  };
}
