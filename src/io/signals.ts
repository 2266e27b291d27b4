/** Exit codes of the signals that ask a program to end, as shells tell them: 128 + the signal's number. */
export const SIGNAL_CODES = {SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143} as const;

const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs work that must clear up after itself when it is stopped: SIGINT, SIGTERM and SIGHUP abort its signal, and what it
 * then throws is the stopping, not a failure. Gives the work's exit code, or 128 + the signal's number.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  let code = 0;
  const handler = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) return;
    code = SIGNAL_CODES[name as (typeof NAMES)[number]];
    process.stderr.write(`${name}: stopping, and clearing up\n`);
    stop.abort();
  };
  for (const name of NAMES) process.on(name, handler);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return code;
    throw error;
  } finally {
    for (const name of NAMES) process.off(name, handler);
  }
}
