import {setTimeout as delay} from 'node:timers/promises';
import {type EndSignal, onSignals, SIGNAL_CODES} from '../io/signals.ts';

/** Why a program that owns the terminal ends. */
export type Ending =
  | {readonly kind: 'quit'}
  | {readonly kind: 'signal'; readonly signal: EndSignal}
  | {readonly kind: 'hangup'}
  | {readonly kind: 'crash'; readonly error: unknown};

/** Exit code of an ending, as shells expect it: 128 + the signal's number. */
export const exitCodeOf = (ending: Ending): number =>
  ending.kind === 'quit'
    ? 0
    : ending.kind === 'crash'
      ? 70
      : ending.kind === 'hangup'
        ? 129
        : SIGNAL_CODES[ending.signal];

const CAUGHT = Object.keys(SIGNAL_CODES) as readonly EndSignal[];

/**
 * Listens for everything that can end a program that draws: signals, a terminal that is gone (EIO, EPIPE, end of
 * input) and errors that nobody caught. The first one wins. `stop` takes the listeners away again. An
 * uncaughtException listener that logs and goes on would make an orphan of a console whose SSH connection died, so
 * here every one ends the program.
 */
export function watchEndings(onEnd: (ending: Ending) => void): {readonly stop: () => void} {
  let over = false;
  const end = (ending: Ending) => {
    if (over) return;
    over = true;
    onEnd(ending);
  };
  const gone = () => end({kind: 'hangup'});
  const crash = (error: unknown) => end(isHangup(error) ? {kind: 'hangup'} : {kind: 'crash', error});
  const restore = onSignals(CAUGHT, signal => end({kind: 'signal', signal}));
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  for (const stream of [process.stdout, process.stderr, process.stdin]) stream.on('error', gone);
  process.stdin.on('end', gone);
  process.stdin.on('close', gone);
  return {
    stop: () => {
      over = true;
      restore();
      process.off('uncaughtException', crash);
      process.off('unhandledRejection', crash);
      process.stdin.off('end', gone);
      process.stdin.off('close', gone);
    },
  };
}

const isHangup = (error: unknown): boolean =>
  ['EIO', 'EPIPE', 'ENXIO'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/**
 * Releases resources in the reverse order of their taking, each within `limitMs`; one that fails or hangs does not keep
 * the next. When all is over the limit the process is ended hard, since a terminal must never be held by a dead server.
 */
export function createReleaser(limitMs = 5000): {
  readonly add: (name: string, release: () => unknown) => void;
  readonly release: () => Promise<readonly string[]>;
} {
  const held: {readonly name: string; readonly release: () => unknown}[] = [];
  return {
    add: (name, release) => held.push({name, release}),
    release: async () => {
      const failed: string[] = [];
      while (held.length > 0) {
        const {name, release} = held.pop() as (typeof held)[number];
        const late = Symbol(name);
        const outcome = await Promise.race([
          Promise.resolve()
            .then(release)
            .catch((error: unknown) => error),
          delay(limitMs, late, {ref: false}),
        ]);
        if (outcome === late || outcome instanceof Error) failed.push(name);
      }
      return failed;
    },
  };
}
