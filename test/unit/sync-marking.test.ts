import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {createBehind, createTold} from '../../src/sync/marking.ts';

beforeEach(() => {
  vi.useFakeTimers({toFake: ['performance', 'Date']});
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the symbols that wait for their marking', () => {
  it('are all at the start and at each sweep, else those that were told, each once', () => {
    const told = createTold(30_000);
    told.add(['IBM']);
    expect(told.take()).toBeNull();
    expect(told.take()).toBeUndefined();
    told.add(['IBM', 'AAPL']);
    told.add(['IBM']);
    expect(told.take()).toEqual(['IBM', 'AAPL']);
    vi.advanceTimersByTime(30_000);
    expect(told.take()).toBeNull();
    expect(told.take()).toBeUndefined();
  });

  it('are put back after a failure', () => {
    const told = createTold(30_000);
    told.putBack(told.take() as null);
    expect(told.take()).toBeNull();
    told.add(['IBM']);
    told.putBack(told.take() as readonly string[]);
    told.add(['AAPL']);
    expect(told.take()).toEqual(['IBM', 'AAPL']);
  });

  it('become all where they are too many to be kept', () => {
    const told = createTold(30_000);
    told.take();
    told.add(Array.from({length: 10_001}, (_, i) => `S${i}`));
    expect(told.take()).toBeNull();
    expect(told.take()).toBeUndefined();
  });
});

describe('how far marking is behind', () => {
  const setUp = (unmarkable = () => 0) => {
    const [lines, states] = [[] as unknown[], [] as unknown[]];
    const line = (fields: object, message?: string) => void lines.push([message, fields]);
    const log = {info: line, warn: line, error: line};
    return {lines, states, behind: createBehind({marking: state => states.push(state)}, log, unmarkable)};
  };

  it('is counted since it began, and logged once where it lasts and once when it is over', () => {
    const {behind, lines, states} = setUp();
    vi.setSystemTime('2026-11-26T09:00:00Z');
    const since = '2026-11-26T09:00:00.000000Z';
    behind.rows(500);
    vi.advanceTimersByTime(9000);
    behind.rows(400);
    expect([states.at(-1), lines]).toEqual([{behind: 400, since, error: null}, []]);
    vi.advanceTimersByTime(1000);
    behind.rows(300);
    behind.rows(200);
    expect(lines).toEqual([['marks behind', {behind: 300, since}]]);
    behind.rows(0);
    behind.rows(0);
    expect(lines.slice(1)).toEqual([['marks no longer behind', {}]]);
    expect(states.at(-1)).toEqual({behind: 0, since: null, error: null});
  });

  it('is unknown while nothing can be found out, and says why', () => {
    const {behind, lines, states} = setUp();
    behind.failed('no connection');
    expect(states.at(-1)).toMatchObject({behind: null, since: expect.any(String), error: 'no connection'});
    vi.advanceTimersByTime(10_000);
    behind.failed('no connection');
    expect(lines).toMatchObject([['marks behind', {behind: null, error: 'no connection'}]]);
    behind.rows(7);
    behind.failed('no connection');
    expect(states.at(-1)).toMatchObject({behind: 7, error: 'no connection'});
  });

  it('counts the rows that cannot be marked, whatever else is marked', () => {
    const {behind, states} = setUp(() => 3);
    behind.rows(10);
    behind.rows(0);
    expect(states.at(-1)).toMatchObject({behind: 3});
  });
});
