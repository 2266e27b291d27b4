import {type Failure, failureOf} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {Check, CheckResult} from './check.ts';

export type CheckRunOptions = {
  /** Groups or ids; default: every check. */
  readonly only?: readonly string[] | undefined;
  /** Skips every check that has not begun. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each result as soon as its check has ended. */
  readonly onResult?: ((result: CheckResult) => void) | undefined;
};

const MOST_ROWS = 20;

/**
 * Runs checks one after the other, so that they never take more than one connection. Never rejects: a check that cannot
 * run is skipped, with the reason.
 */
export async function runChecks(
  io: Io,
  checks: readonly Check[],
  {only, signal, onResult = () => {}}: CheckRunOptions = {},
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks.filter(c => !only || only.includes(c.group) || only.includes(c.id))) {
    const result = signal?.aborted ? skipped(check, 0, 'it was cancelled') : await runCheck(io, check);
    results.push(result);
    onResult(result);
  }
  return results;
}

async function runCheck(io: Io, check: Check): Promise<CheckResult> {
  const start = performance.now();
  const ms = () => Math.round((performance.now() - start) * 10) / 10;
  try {
    const rows = await io.query(`verify/${check.id}`);
    const {id, title, group, remedy, severity} = check;
    const status = rows.length === 0 ? 'pass' : severity;
    return {id, title, group, status, ms: ms(), rows: rows.slice(0, MOST_ROWS).map(shown), remedy};
  } catch (error) {
    return skipped(check, ms(), reason(failureOf(error)));
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
