/** Exit codes of the signals that ask a program to end, as shells report them: 128 + the signal's number. */
export const SIGNAL_CODES = {SIGHUP: 129, SIGINT: 130, SIGQUIT: 131, SIGTERM: 143} as const;

/** A signal that asks a program to end. */
export type EndSignal = keyof typeof SIGNAL_CODES;

/** What a terminal, a supervisor and a closed connection send: the signals that a command ends by. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly EndSignal[];

let asked = false;

/** Whether one of END_SIGNALS has arrived since the start, and the program lives on to end in its own way. */
export const endAsked = (): boolean => asked;

/**
 * Calls `handler` at these signals, which no longer have their default effect, until the returned function is called.
 * With `once` each signal has its default effect again after its first delivery: a second Ctrl-C ends the process. The
 * only place where handlers of signals are installed.
 */
export function onSignals<const Name extends NodeJS.Signals>(
  names: readonly Name[],
  handler: (name: Name) => void,
  {once = false}: {readonly once?: boolean} = {},
): () => void {
  const listener = ((name: Name) => {
    asked ||= (END_SIGNALS as readonly string[]).includes(name);
    handler(name);
  }) as NodeJS.SignalsListener;
  for (const name of names) {
    if (once) process.once(name, listener);
    else process.on(name, listener);
  }
  return () => {
    for (const name of names) process.off(name, listener);
  };
}

/** The exit code for the first of END_SIGNALS that arrives; until `ignore` is called none of them ends the process. */
export function nextSignal(): {readonly code: Promise<number>; readonly ignore: () => void} {
  const {promise, resolve} = Promise.withResolvers<number>();
  return {code: promise, ignore: onSignals(END_SIGNALS, name => resolve(SIGNAL_CODES[name]))};
}

/**
 * Runs work that must clean up when it is interrupted: the first of END_SIGNALS aborts its AbortSignal, and what the
 * work then throws is the interruption, not a failure. Returns the work's exit code, or 128 + the signal's number.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  let code = 0;
  const restore = onSignals(END_SIGNALS, name => {
    if (stop.signal.aborted) return;
    code = SIGNAL_CODES[name];
    process.stderr.write(`${name}: stopping and cleaning up\n`);
    stop.abort();
  });
  try {
    return await work(stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return code;
    throw error;
  } finally {
    restore();
  }
}
