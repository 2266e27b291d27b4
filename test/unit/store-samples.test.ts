import {describe, expect, it} from 'vitest';
import {statusOf} from '../../components/lines/status.ts';
import type {Failure} from '../../src/core/errors.ts';
import type {Sample} from '../../src/monitor/sample.ts';
import {ageAll, ageSample, holdIn, holdSample, NOTHING_HELD, paceIn, waitingSamples} from '../../src/store/samples.ts';

const S = 1e6;
const ok = (at: number, rows: readonly number[], everyMs = 2000): Sample<number> => ({
  ok: true,
  at,
  ms: 3,
  rows,
  everyMs,
});
const failure = (why: Failure['why']): Failure => ({why, message: `is ${why}`, next: '', retry: true});
const bad = (at: number, why: Failure['why'] = 'down'): Sample<number> => ({
  ok: false,
  at,
  ms: 3,
  failure: failure(why),
  retryAt: at + S,
});

describe('a held sample', () => {
  it('waits, is ok with rows, empty without', () => {
    expect(NOTHING_HELD).toMatchObject({state: 'waiting', rows: [], at: undefined});
    expect(holdSample<number>(NOTHING_HELD, ok(5 * S, [1, 2]))).toMatchObject({
      state: 'ok',
      at: 5 * S,
      rows: [1, 2],
      ms: 3,
    });
    expect(holdSample<number>(NOTHING_HELD, ok(5 * S, []))).toMatchObject({state: 'empty', rows: []});
  });

  it('keeps the last good rows while its source fails, and says why, since when, and when the next try is', () => {
    const good = holdSample<number>(NOTHING_HELD, ok(5 * S, [1]));
    const failing = holdSample(holdSample(good, bad(7 * S)), bad(9 * S, 'timeout'));
    expect(failing).toMatchObject({
      state: 'down',
      at: 5 * S,
      rows: [1],
      failingSince: 7 * S,
      retryAt: 10 * S,
      failure: {why: 'timeout'},
    });
    const again = holdSample(failing, ok(11 * S, [2]));
    expect(again).toMatchObject({
      state: 'ok',
      rows: [2],
      failure: undefined,
      failingSince: undefined,
      retryAt: undefined,
    });
    expect(again.lastFailure).toEqual({at: 9 * S, failure: failure('timeout')});
  });

  it('distinguishes the reasons for having no rows', () => {
    const states = (['down', 'timeout', 'bug', 'denied', 'unsupported', 'not_set_up'] as const).map(
      why => holdSample<number>(NOTHING_HELD, bad(0, why)).state,
    );
    expect(states).toEqual(['down', 'down', 'down', 'denied', 'unsupported', 'unsupported']);
  });

  it('becomes stale later where it is read seldom, never while it is not read, and no sooner when that ends', () => {
    const first = holdIn(waitingSamples(), 'positions', {ok: true, at: 0, ms: 1, rows: [], everyMs: 2000});
    const stale = (samples: typeof first, at: number) => ageAll(samples, at).positions.state === 'stale';
    const seldom = paceIn(first, ['positions', 'server'], 10_000);
    expect([stale(first, 6 * S + 1), stale(seldom, 30 * S), stale(seldom, 30 * S + 1)]).toEqual([true, false, true]);
    const asleep = paceIn(seldom, ['positions'], undefined);
    expect(stale(asleep, 1e15)).toBe(false);
    const awake = paceIn(asleep, ['positions'], 2000);
    expect(stale(awake, 1e15)).toBe(false);
    // Until the next reading it says how old its rows are.
    expect(statusOf(awake.positions, 70 * S)).toMatchObject({state: 'empty', head: '1m10s old, reading'});
    expect(statusOf(awake.positions, 4 * S).head).toBe('');
    const read = holdIn(awake, 'positions', {ok: true, at: 71 * S, ms: 1, rows: [], everyMs: 2000});
    expect(statusOf(read.positions, 77 * S).head).toBe('');
    expect(stale(read, 78 * S)).toBe(true);
  });

  it('becomes stale after three intervals, and not before', () => {
    const held = holdSample<number>(NOTHING_HELD, ok(0, [1], 2000));
    expect(ageSample(held, 6 * S)).toBe(held);
    expect(ageSample(held, 6 * S + 1)).toMatchObject({state: 'stale', rows: [1]});
    expect(holdSample<number>(NOTHING_HELD, ok(0, [], 2000), 7 * S).state).toBe('stale');
    expect(ageSample(holdSample(held, bad(S)), 100 * S).state).toBe('down');
    expect(ageSample(holdSample<number>(NOTHING_HELD, {ok: true, at: 0, ms: 1, rows: [1]}), 1e15).state).toBe('ok');
  });

  it('keeps its reference where nothing changed', () => {
    const samples = holdIn(waitingSamples(), 'progress', {ok: true, at: 0, ms: 1, rows: [], everyMs: 1000});
    expect(ageAll(samples, 3 * S)).toBe(samples);
    const later = ageAll(samples, 4 * S);
    expect(later.progress.state).toBe('stale');
    expect(later.trades).toBe(samples.trades);
  });
});
