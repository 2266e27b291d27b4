import {isViolated} from '../alerts/check-state.ts';
import type {Micros} from '../core/time.ts';
import type {KnownCheck, State} from '../model/state.ts';
import type {Check, CheckResult} from '../verify/check.ts';

/**
 * Takes in the results of a run. A check that fails keeps since when; one that could not run keeps what was known of it,
 * with the reason. The results are in the order of `checks`.
 */
export function withResults(
  before: State['checks'],
  results: readonly CheckResult[],
  checks: readonly Pick<Check, 'id' | 'everySeconds'>[],
  at: Micros,
): State['checks'] {
  const known = new Map(before.results.map(result => [result.id, result] as const));
  const every = new Map(checks.map(check => [check.id, check.everySeconds] as const));
  for (const result of results) {
    const old = known.get(result.id);
    const everySeconds = every.get(result.id) ?? 900;
    known.set(
      result.id,
      result.status === 'skip' && old !== undefined && old.status !== 'skip'
        ? {...old, why: result.why}
        : {...result, at, everySeconds, failingSince: isViolated(result) ? (old?.failingSince ?? at) : undefined},
    );
  }
  const inOrder = checks.flatMap(({id}): readonly KnownCheck[] => {
    const found = known.get(id);
    return found === undefined ? [] : [found];
  });
  return {...before, at, results: inOrder};
}
