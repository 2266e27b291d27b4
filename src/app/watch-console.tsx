import {render} from 'ink';
import {samplesShown} from '../../components/shown.ts';
import type {Config} from '../config/config.ts';
import {isDumb, terminalOf} from '../core/terminal.ts';
import {recordAlerts} from './alert-lives.ts';
import {ringForCritical} from './bell.ts';
import {Console, LAST_ANSWER_MS} from './console.tsx';
import {type Ending, exitCodeOf, watchEndings} from './endings.ts';
import type {Incidents} from './incidents.ts';
import {keptUiFile} from './kept-ui.ts';
import {type Live, openLive} from './live.ts';
import {printSnapshot} from './print-snapshot.ts';
import {recordHistory} from './record-history.ts';
import {createReleaser, type Releaser} from './releaser.ts';
import type {Size} from './screen/ink-frame.ts';
import {createInkScreen, type InkScreen} from './screen/ink-screen.ts';
import {createTerminalOutput} from './screen/terminal-output.ts';

export type WatchOptions = {
  /** Start although a server does not answer. */
  readonly wait?: boolean;
  /** Rejects when the servers are gone for good (a demo's): the console ends with this error. */
  readonly lost?: Promise<never>;
  /** A demo's incidents. */
  readonly incidents?: Incidents;
};

/** Longer than this the process does not live after its console has ended, whatever hangs. */
const END_LIMIT_MS = 8000;
const BELL = '\x07';
/** So long the terminal may take for the last bytes, which restore it. */
const LAST_BYTES_MS = 1000;

/**
 * Runs the console until its user quits, a signal arrives or the terminal is gone. Gives the exit code. Without a terminal
 * it prints a snapshot instead.
 */
export async function watchConsole(
  config: Config,
  {wait = false, lost, incidents}: WatchOptions = {},
): Promise<number> {
  if (!process.stdout.isTTY || !process.stdin.isTTY || isDumb(process.env)) {
    return printSnapshot(config, {});
  }
  const releaser = createReleaser();
  const {promise: ending, resolve: end} = Promise.withResolvers<Ending>();
  const endings = watchEndings(end);
  releaser.add(endings.stop);
  try {
    const output = createTerminalOutput({onDrain: () => screen.draw(), onError: endings.failed});
    releaser.add(output.close);
    const screen = createInkScreen({output, size: terminalSize, onResize, terminal: terminalOf(process.env)});
    const live = await openLive(config, {
      name: 'tradetop watch',
      wait,
      // A demo is new each time.
      screenFile: config.environment === 'demo' ? undefined : keptUiFile(),
      mayDraw: () => screen.ready(),
      inputAlone: () => screen.thin(),
      incidents,
    });
    releaser.add(live.close);
    redirectConsole(live, releaser);
    const {columns, rows} = terminalSize();
    live.start(samplesShown(live.store.get(), columns, rows));
    releaser.add(recordHistory(live.store));
    releaser.add(recordAlerts(config, 'tradetop watch', live.store.now, live.log));
    if (config.bell) releaser.add(ringForCritical(live.store, () => output.write(BELL)));
    releaser.add(rawInput());
    const unmount = draw(live, screen, () => end({kind: 'quit'}));
    releaser.add(() => output.drained(LAST_BYTES_MS));
    releaser.add(unmount);
    const crash = lost?.catch((error: unknown) => ({kind: 'crash', error}) as const);
    const last = await Promise.race([ending, ...(crash ? [crash] : [])]);
    setTimeout(() => process.exit(exitCodeOf(last)), END_LIMIT_MS).unref();
    screen.close();
    if (last.kind !== 'hangup') await screen.answered(LAST_ANSWER_MS);
    unmount();
    live.log.info({ending: last.kind}, 'console ends');
    if (last.kind === 'crash') throw last.error;
    return exitCodeOf(last);
  } finally {
    await releaser.release();
  }
}

/**
 * Takes each key as it is typed, from before the first frame: the terminal would otherwise echo what is typed until Ink
 * listens, and a Return at the bottom would move the screen up under what we believe is there.
 */
function rawInput(): () => void {
  const set = (raw: boolean): void => {
    try {
      process.stdin.setRawMode(raw);
    } catch {
      // The terminal is gone.
    }
  };
  set(true);
  return () => set(false);
}

/** The size of the terminal; a serial line knows none: its user may have said it. */
const terminalSize = (): Size => ({
  columns: process.stdout.columns || lengthIn(process.env.COLUMNS) || 80,
  rows: process.stdout.rows || lengthIn(process.env.LINES) || 24,
});

const lengthIn = (text = ''): number => (/^\d{1,3}$/.test(text) ? Number(text) : 0);

function onResize(listener: () => void): () => void {
  process.stdout.on('resize', listener);
  return () => process.stdout.off('resize', listener);
}

/** Draws on the alternate screen; the function that is returned restores the terminal, once. */
function draw(live: Live, screen: InkScreen, quit: () => void): () => void {
  const app = render(<Console live={live} screen={screen} quit={quit} />, {
    stdout: screen.stdout,
    alternateScreen: true,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    // Ink then gives each frame of its own to the screen as a whole, when something has changed and not later. The
    // store's clock bounds the frames.
    debug: true,
  });
  let drawn = true;
  return () => {
    if (!drawn) return;
    drawn = false;
    screen.close();
    app.unmount();
  };
}

// What a library prints goes to the log: on the screen it would break the frame, unsanitised.
function redirectConsole(live: Live, releaser: Releaser): void {
  const {log, warn, error, info, debug} = console;
  const write = (...words: readonly unknown[]) =>
    live.log.warn({console: words.filter(w => typeof w === 'string').join(' ')}, 'a library printed');
  Object.assign(console, {log: write, warn: write, error: write, info: write, debug: write});
  const warned = (warning: Error) => live.log.warn({warning: warning.message}, 'a Node warning');
  process.removeAllListeners('warning');
  process.on('warning', warned);
  releaser.add(() => {
    Object.assign(console, {log, warn, error, info, debug});
    process.off('warning', warned);
  });
}
