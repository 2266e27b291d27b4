import {failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Log} from '../io/log.ts';

export type Loop = {readonly stop: () => void};

/** Calls `work` again and again, `ms` after its end, whatever it ends with. Logs a failure once, and when it is over. */
export function repeat(what: string, ms: number, log: Pick<Log, 'info' | 'warn'>, work: () => Promise<void>): Loop {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let last: string | undefined;
  const tell = (message: string | undefined): void => {
    if (message === last || stopped) return;
    last = message;
    if (message === undefined) log.info({what}, 'well again');
    else log.warn({what, error: message}, 'failed');
  };
  const turn = async (): Promise<void> => {
    try {
      await work();
      tell(undefined);
    } catch (error) {
      tell(sanitise(failureOf(error).message, 300));
    }
    if (!stopped) timer = setTimeout(() => void turn(), ms);
  };
  void turn();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
