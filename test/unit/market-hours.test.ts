import {describe, expect, it} from 'vitest';
import {type MarketHours, openSince, parseMarketHours} from '../../src/core/market-hours.ts';
import {isoMicros, parseMicros} from '../../src/core/time.ts';

const NEW_YORK = {
  timezone: 'America/New_York',
  sessions: {'mon-fri': '09:30-16:00'},
  holidays: ['2026-12-25'],
  special: {'2026-11-27': '09:30-13:00'},
};
const hours = (value: unknown): MarketHours => {
  const parsed = parseMarketHours(value);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
};
const since = (value: unknown, at: string): string | undefined => {
  const opened = openSince(hours(value), parseMicros(at) as number);
  return opened === undefined ? undefined : isoMicros(opened).slice(0, 16);
};

describe('market hours', () => {
  it.each([
    ['before the opening', '2026-11-26T14:29:59Z', undefined],
    ['at the opening', '2026-11-26T14:30:00Z', '2026-11-26T14:30'],
    ['before the close', '2026-11-26T20:59:59Z', '2026-11-26T14:30'],
    ['at the close', '2026-11-26T21:00:00Z', undefined],
    ['on a short day', '2026-11-27T18:30:00Z', undefined],
    ['on a holiday', '2026-12-25T16:00:00Z', undefined],
    ['on a Saturday', '2026-11-28T16:00:00Z', undefined],
    ['in summer time', '2026-07-01T13:30:00Z', '2026-07-01T13:30'],
  ])('%s', (_, at, opened) => {
    expect(since(NEW_YORK, at)).toBe(opened);
  });

  it('know breaks, nights and days without end', () => {
    const tokyo = {timezone: 'Asia/Tokyo', sessions: {'mon-fri': '09:00-11:30, 12:30-15:30'}};
    expect(since(tokyo, '2026-11-26T02:45:00Z')).toBeUndefined();
    expect(since(tokyo, '2026-11-26T03:45:00Z')).toBe('2026-11-26T03:30');
    const futures = {timezone: 'America/Chicago', sessions: {'sun-thu': '17:00-16:00'}};
    expect(since(futures, '2026-11-26T15:00:00Z')).toBe('2026-11-25T23:00');
    expect(since(futures, '2026-11-26T22:30:00Z')).toBeUndefined();
    const always = {timezone: 'UTC', sessions: {daily: '00:00-24:00'}};
    expect((since(always, '2026-11-26T15:00:00Z') ?? '') < '2026-11-18').toBe(true);
  });

  it.each([
    [7, 'it must be an object'],
    [{timezone: 'Mars/Base'}, 'timezone must be a name such as "America/New_York"'],
    [{timezone: 'UTC', session: {}}, 'it has no key "session"; it has timezone, sessions, holidays, special'],
    [{timezone: 'UTC', sessions: {monday: '09:00-10:00'}}, '"monday" is no day: write mon, mon-fri or daily'],
    [{timezone: 'UTC', sessions: {mon: '9-10'}}, '"9-10" is no session: write "09:30-16:00"'],
    [{timezone: 'UTC', sessions: {mon: '09:00-25:00'}}, '"09:00-25:00" is no session: write "09:30-16:00"'],
    [{timezone: 'UTC', holidays: ['Christmas']}, '"Christmas" is no date'],
    [{timezone: 'UTC', holidays: 'none'}, 'holidays must be a list of dates'],
  ])('say what is wrong with %j', (value, sentence) => {
    expect(parseMarketHours(value)).toBe(sentence);
  });
});
