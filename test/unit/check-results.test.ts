import {describe, expect, it} from 'vitest';
import {withResults} from '../../src/app/check-results.ts';
import type {CheckResult} from '../../src/verify/check.ts';

const NONE = {running: false, at: undefined, results: [], error: undefined};
const KNOWN = [
  {id: 'setup_a', everySeconds: 900},
  {id: 'health_b', everySeconds: 60},
] as const;
const result = (id: string, status: CheckResult['status'], why?: string): CheckResult => ({
  id,
  title: id,
  group: 'health',
  status,
  ms: 1,
  rows: status === 'pass' || status === 'skip' ? [] : [{object: 'x'}],
  remedy: '',
  ...(why === undefined ? {} : {why}),
});
const ran = (...runs: readonly (readonly CheckResult[])[]) =>
  runs.reduce(
    (checks, results, i) => withResults(checks, results, KNOWN, i + 1),
    NONE as Parameters<typeof withResults>[0],
  );

describe('the results of checks', () => {
  it('are kept in the order of the checks, whichever runs first', () => {
    const {results, at} = ran([result('health_b', 'pass')], [result('setup_a', 'pass')]);
    expect(results.map(({id, at, everySeconds}) => [id, at, everySeconds])).toEqual([
      ['setup_a', 2, 900],
      ['health_b', 1, 60],
    ]);
    expect(at).toBe(2);
  });

  it('keep since when a check fails, while it warns or fails', () => {
    const since = (...statuses: readonly CheckResult['status'][]) =>
      ran(...statuses.map(status => [result('health_b', status)])).results[0]?.failingSince;
    expect(since('pass', 'warn', 'fail', 'warn')).toBe(2);
    expect(since('warn', 'pass')).toBeUndefined();
    expect(since('warn', 'pass', 'fail')).toBe(3);
  });

  it('keep what was found where a run could not tell', () => {
    const {results} = ran([result('health_b', 'fail')], [result('health_b', 'skip', 'it took too long')]);
    expect(results[0]).toMatchObject({
      status: 'fail',
      at: 1,
      failingSince: 1,
      why: 'it took too long',
      rows: [{object: 'x'}],
    });
    const again = ran(
      [result('health_b', 'skip', 'a right is missing')],
      [result('health_b', 'skip', 'a right is missing')],
    );
    expect(again.results[0]).toMatchObject({status: 'skip', at: 2, failingSince: undefined});
    expect(
      ran([result('health_b', 'fail')], [result('health_b', 'skip', 'x')], [result('health_b', 'fail')]).results[0],
    ).not.toHaveProperty('why');
  });
});
