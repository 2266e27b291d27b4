import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Log} from '../io/log.ts';

export type Loop = {
  /** Starts no new run; resolves when the present one has ended. */
  readonly stop: () => Promise<void>;
  /** Why the last run failed; undefined: it did not. */
  readonly failing: () => string | undefined;
};

/** Runs `work` again and again, `ms` milliseconds after each run's end. Logs a failure once, and once when it is over. */
export function startTaskLoop(
  task: string,
  ms: number,
  log: Pick<Log, 'info' | 'warn'>,
  work: () => Promise<void>,
): Loop {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let last: string | undefined;
  let running: Promise<void> = Promise.resolve();
  const report = (message: string | undefined, next = ''): void => {
    if (message === last || stopped) return;
    last = message;
    if (message === undefined) log.info({task}, 'working again');
    else log.warn({task, error: message, ...(next ? {next} : {})}, 'failed');
  };
  const run = async (): Promise<void> => {
    try {
      await work();
      report(undefined);
    } catch (error) {
      const {message, next} = failureOf(error);
      report(sanitise(message, 300), next);
    }
    if (!stopped) timer = setTimeout(begin, ms);
  };
  const begin = (): void => {
    running = run();
  };
  begin();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
    failing: () => last,
  };
}
