import {describe, expect, it} from 'vitest';
import {createSlopes} from '../../src/monitor/risk-slope.ts';

const MINUTE = 60_000;

/** The slope of one limit after readings of its percentage, one every `everyMs`. */
function slopeAfter(percents: readonly (number | undefined)[], everyMs: number) {
  const slopes = createSlopes();
  const rows = percents.map((percent, i) => slopes.after([{id: 'a', percent}], i * everyMs));
  return rows.at(-1)?.[0];
}

describe('the slope of a limit', () => {
  it('is not known before a minute of readings', () => {
    expect(slopeAfter([10, 20], MINUTE - 1)).toMatchObject({slopePercent: undefined, breachSeconds: undefined});
    expect(slopeAfter([10, undefined], MINUTE)).toMatchObject({slopePercent: undefined});
  });

  it('is percent a minute, and says when all will be used', () => {
    expect(slopeAfter([50, 55, 60], MINUTE)).toMatchObject({slopePercent: 5, breachSeconds: 480});
  });

  it('has no breach ahead where it falls, stands, or all is used', () => {
    expect(slopeAfter([60, 55, 50], MINUTE)).toMatchObject({slopePercent: -5, breachSeconds: undefined});
    expect(slopeAfter([60, 60, 60], MINUTE)).toMatchObject({slopePercent: 0, breachSeconds: undefined});
    expect(slopeAfter([90, 100, 110], MINUTE)).toMatchObject({slopePercent: 10, breachSeconds: undefined});
  });

  it('forgets what is older than five minutes', () => {
    expect(slopeAfter([90, 10, 10, 10, 10, 10, 10], MINUTE)).toMatchObject({slopePercent: 0});
  });
});
