import {type EndSignal, onSignals, SIGNAL_CODES} from '../io/signals.ts';

/** Why the console ends. */
export type Ending =
  | {readonly kind: 'quit'}
  | {readonly kind: 'signal'; readonly signal: EndSignal}
  | {readonly kind: 'hangup'}
  | {readonly kind: 'crash'; readonly error: unknown};

/** The exit code of an ending; that of a signal is 128 + its number, as shells expect. */
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
 * Listens for everything that can end the console: signals, a terminal that is gone (EIO, EPIPE, end of input) and
 * uncaught errors, every one of which ends it: a console that logged them and continued would outlive its SSH connection.
 * `onEnd` is called once. `stop` removes the listeners.
 */
export function watchEndings(onEnd: (ending: Ending) => void): {
  /** An error of the terminal's: what it is decides how the console ends. */
  readonly failed: (error: unknown) => void;
  readonly stop: () => void;
} {
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
    failed: crash,
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
