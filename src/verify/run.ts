import {type Failure, failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import {CHECK_WINDOW_HOURS, type Check, type CheckResult, MOST_VIOLATIONS} from './check.ts';

export type CheckRunOptions = {
  /** Groups or ids; default: every check. */
  readonly only?: readonly string[] | undefined;
  /** Looks at everything. Default: of what grows with time, at the last CHECK_WINDOW_HOURS. */
  readonly full?: boolean | undefined;
  /** Skips every check that has not begun; one whose query fails after it counts as cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each check, with its place among those that run, from 1 on, and their number. */
  readonly onStart?: ((check: Check, place: number, of: number) => void) | undefined;
  /** Called with each result as soon as its check has ended. */
  readonly onResult?: ((result: CheckResult) => void) | undefined;
};

/** Settings of the connection that checks run on: those of everything join and sort whole tables. */
export const CHECK_SETTINGS = {work_mem: '64MB', jit: 'off'} as const;

/**
 * Runs checks one after the other, so that they never take more than one connection. Never rejects: a check that cannot
 * run is skipped, with the reason.
 */
export async function runChecks(
  io: Io,
  checks: readonly Check[],
  options: CheckRunOptions = {},
): Promise<readonly CheckResult[]> {
  const {only, signal, onStart = () => {}, onResult = () => {}} = options;
  const chosen = checks.filter(c => !only || only.includes(c.group) || only.includes(c.id));
  const results: CheckResult[] = [];
  for (const [i, check] of chosen.entries()) {
    if (!signal?.aborted) onStart(check, i + 1, chosen.length);
    const result = signal?.aborted ? skipped(check, 0, CANCELLED) : await runCheck(io, check, options);
    results.push(result);
    onResult(result);
  }
  return results;
}

const CANCELLED = 'it was cancelled';

async function runCheck(io: Io, check: Check, {full = false, signal}: CheckRunOptions): Promise<CheckResult> {
  const start = performance.now();
  const ms = () => Math.round((performance.now() - start) * 10) / 10;
  try {
    const window = full ? null : `${CHECK_WINDOW_HOURS} hours`;
    const rows = await io.query(`verify/${check.id}`, check.windowed ? [window] : []);
    const {id, title, group, remedy, severity} = check;
    const status = rows.length === 0 ? 'pass' : severity;
    const kept = {
      rows: rows.slice(0, MOST_VIOLATIONS).map(shown),
      ...(rows.length > MOST_VIOLATIONS ? {more: true as const} : {}),
    };
    return {id, title, group, status, ms: ms(), ...kept, remedy};
  } catch (error) {
    return skipped(check, ms(), signal?.aborted ? CANCELLED : reason(failureOf(error)));
  }
}

const skipped = ({id, title, group, remedy}: Check, ms: number, why: string): CheckResult => ({
  id,
  title,
  group,
  status: 'skip',
  ms,
  rows: [],
  remedy,
  why,
});

const WORDS: Readonly<Record<Failure['why'], string>> = {
  down: 'the server does not answer',
  timeout: 'it took too long',
  denied: 'a right is missing',
  unsupported: 'this server cannot tell',
  not_set_up: 'a table is missing',
  bug: 'the query failed',
};

const reason = ({why, message}: Failure): string => `${WORDS[why]}: ${sanitise(message)}`;

const shown = (row: Raw): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [sanitise(name), value === null ? null : sanitise(String(value))]),
  );
