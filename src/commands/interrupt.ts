const CODES = {SIGINT: 130, SIGTERM: 143, SIGHUP: 129} as const;

/**
 * Runs work that must clear up after itself when it is stopped: SIGINT, SIGTERM and SIGHUP abort its signal, and what it
 * then throws is the stopping, not a failure. Gives the work's exit code, or 128 + the signal's number.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  let code = 0;
  const names = Object.keys(CODES) as (keyof typeof CODES)[];
  const handler = (name: NodeJS.Signals): void => {
    if (stop.signal.aborted) return;
    code = CODES[name as keyof typeof CODES];
    process.stderr.write(`${name}: stopping, and clearing up\n`);
    stop.abort();
  };
  for (const name of names) process.on(name, handler);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return code;
    throw error;
  } finally {
    for (const name of names) process.off(name, handler);
  }
}
