import {render} from 'ink';
import {Console} from '../app/console.tsx';
import {createReleaser, type Ending, exitCodeOf, watchEndings} from '../app/endings.ts';
import {type Live, openLive} from '../app/live.ts';
import type {Config} from '../config/config.ts';
import {defineCommand} from './shared/command.ts';
import {printSnapshot} from './snapshot.ts';

/** `tradetop` and `tradetop watch`: the live console on the configured servers. */
export const watchCommand = defineCommand({
  name: 'watch',
  summary: 'the live console on the configured servers',
  flags: {
    wait: {type: 'boolean', help: 'start although a server does not answer, and wait for it'},
  },
  run: ({config, flags}) => watchConsole(config(), {wait: flags.wait ?? false}),
});

export type WatchOptions = {
  /** Start although a server does not answer. */
  readonly wait?: boolean;
  /** Rejects when the surroundings are gone (the demo's servers): the console ends, and its caller is told why. */
  readonly lost?: Promise<never>;
};

/** Runs the console until its user leaves, a signal comes or the terminal is gone. Gives the exit code. */
export async function watchConsole(config: Config, options: WatchOptions = {}): Promise<number> {
  if (!process.stdout.isTTY || !process.stdin.isTTY || process.env.TERM === 'dumb') {
    return printSnapshot(config, {json: false});
  }
  const releaser = createReleaser();
  let ended: (ending: Ending) => void = () => {};
  const ending = new Promise<Ending>(resolve => {
    ended = resolve;
  });
  const endings = watchEndings(ended);
  releaser.add('signals', endings.stop);
  try {
    const live = await openLive(config, {
      name: 'tradetop watch',
      wait: options.wait ?? false,
      mayDraw: () => !process.stdout.writableNeedDrain,
    });
    releaser.add('servers', live.close);
    return await show(live, ending, ended, releaser, options);
  } finally {
    await releaser.release();
  }
}

async function show(
  live: Live,
  ending: Promise<Ending>,
  end: (ending: Ending) => void,
  releaser: ReturnType<typeof createReleaser>,
  options: WatchOptions,
): Promise<number> {
  quiet(live, releaser);
  live.start();
  const app = render(<Console live={live} quit={() => end({kind: 'quit'})} />, {
    alternateScreen: true,
    exitOnCtrlC: false,
    patchConsole: false,
    incrementalRendering: true,
    // The store's clock already bounds the frames; what a key asks for must not wait for Ink's own.
    maxFps: 120,
    interactive: true,
  });
  let restored = false;
  const restore = () => {
    if (!restored) app.unmount();
    restored = true;
  };
  releaser.add('terminal', restore);
  const lost = options.lost?.catch((error: unknown) => ({kind: 'crash', error}) as const);
  const last = await Promise.race([ending, ...(lost ? [lost] : [])]);
  // A terminal that is gone cannot be written to; whatever hangs after this must not keep the process.
  setTimeout(() => process.exit(exitCodeOf(last)), 8000).unref();
  restore();
  live.log.info({ending: last.kind}, 'console ends');
  if (last.kind === 'crash') throw last.error;
  return exitCodeOf(last);
}

// Whatever a library has to say goes to the log: on the screen it would break the frame, unsanitised.
function quiet(live: Live, releaser: ReturnType<typeof createReleaser>): void {
  const {log, warn, error, info, debug} = console;
  const write = (...words: readonly unknown[]) =>
    live.log.warn({console: words.filter(w => typeof w === 'string').join(' ')}, 'a library spoke');
  Object.assign(console, {log: write, warn: write, error: write, info: write, debug: write});
  const warned = (warning: Error) => live.log.warn({warning: warning.message}, 'node warned');
  process.removeAllListeners('warning');
  process.on('warning', warned);
  releaser.add('console', () => {
    Object.assign(console, {log, warn, error, info, debug});
    process.off('warning', warned);
  });
}
