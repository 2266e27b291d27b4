import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Log} from '../io/log.ts';

const RETRY_MS = {first: 50, most: 2000} as const;

/** After a wait of so many milliseconds that has not helped, the next one; 0: it is the first. */
export const nextWait = (ms: number): number => Math.min(ms === 0 ? RETRY_MS.first : ms * 2, RETRY_MS.most);

export type Loop = {
  /** Calls no more; resolves when what is under way has ended. */
  readonly stop: () => Promise<void>;
  /** What the last call failed with, in words. */
  readonly failing: () => string | undefined;
};

/** Calls `work` again and again, `ms` after its end, whatever it ends with. Logs a failure once, and when it is over. */
export function repeat(what: string, ms: number, log: Pick<Log, 'info' | 'warn'>, work: () => Promise<void>): Loop {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let last: string | undefined;
  let running: Promise<void> = Promise.resolve();
  const tell = (message: string | undefined, next = ''): void => {
    if (message === last || stopped) return;
    last = message;
    if (message === undefined) log.info({what}, 'well again');
    else log.warn({what, error: message, ...(next ? {next} : {})}, 'failed');
  };
  const turn = async (): Promise<void> => {
    try {
      await work();
      tell(undefined);
    } catch (error) {
      const {message, next} = failureOf(error);
      tell(sanitise(message, 300), next);
    }
    if (!stopped) timer = setTimeout(begin, ms);
  };
  const begin = (): void => {
    running = turn();
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
