import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {dec, parseDigits, to4} from '../../src/core/decimal.ts';
import {failureOf} from '../../src/core/errors.ts';
import {didYouMean, distance, unknownWord} from '../../src/core/nearest.ts';
import {createPercentiles} from '../../src/core/percentiles.ts';
import {ring} from '../../src/core/ring.ts';
import {isSafe, keyText, sanitise} from '../../src/core/sanitise.ts';
import {secret} from '../../src/core/secret.ts';
import {clock, isoMicros, parseMicros} from '../../src/core/time.ts';
import {unusable} from '../../src/io/pg-client.ts';

describe('times', () => {
  it('reads a naive Python time as UTC, to the microsecond, whatever zone the machine is in', () => {
    expect(process.env.TZ).toBe('America/New_York');
    expect(isoMicros(parseMicros('2026-11-22T09:00:00.123456') as number)).toBe('2026-11-22T09:00:00.123456Z');
    expect(isoMicros(parseMicros('2026-11-22T09:00:00') as number)).toBe('2026-11-22T09:00:00.000000Z');
  });

  it.each([
    ['2026-11-22 09:00:00.1+00', '2026-11-22T09:00:00.100000Z'],
    ['2026-11-22T09:00:00+05:30', '2026-11-22T03:30:00.000000Z'],
    ['2026-11-22T09:00:00.1234567Z', '2026-11-22T09:00:00.123457Z'],
    ['2026-11-22T23:59:59.9999997Z', '2026-11-23T00:00:00.000000Z'],
    ['2026-12-31 23:59:59.9999995+00', '2027-01-01T00:00:00.000000Z'],
    ['2026-11-22T24:00:00.0000001Z', '2026-11-23T00:00:00.000000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
    ['0099-12-31', '0099-12-31T00:00:00.000000Z'],
    ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
    ['2026-11-22', '2026-11-22T00:00:00.000000Z'],
  ])('reads %s', (text, iso) => {
    expect(isoMicros(parseMicros(text) as number)).toBe(iso);
  });

  it.each([
    '',
    'now',
    '2026-02-30T00:00:00',
    '2026-13-01',
    '2026-11-22T25:00:00',
    '20261122',
    'infinity',
    '2026-11-22T09:61:00',
    '0000-01-01',
    '2026-11-22T24:00:00.000001',
  ])('refuses %j', text => {
    expect(parseMicros(text)).toBeUndefined();
  });

  it('read every instant that they wrote', () => {
    fc.assert(
      fc.property(
        fc.integer({min: -2_000_000_000_000_000, max: 8_000_000_000_000_000}),
        at => parseMicros(isoMicros(at)) === at,
      ),
    );
  });

  it('write a time beyond the calendar too, and what is no instant as PostgreSQL does', () => {
    const years = (year: number): number =>
      Date.UTC(2000 + (year % 400), 0, 1) * 1000 + Math.floor(year / 400 - 5) * 146_097 * 86_400e6;
    for (const [at, iso] of [
      [Number.POSITIVE_INFINITY, 'infinity'],
      [Number.NEGATIVE_INFINITY, '-infinity'],
      [Number.NaN, ''],
      [Date.UTC(10_000, 0, 1) * 1000, '+010000-01-01T00:00:00.000000Z'],
      [Date.UTC(-4712, 0, 1) * 1000, '-004712-01-01T00:00:00.000000Z'],
    ] as const) {
      expect(isoMicros(at)).toBe(iso);
    }
    // PostgreSQL's last year, which JavaScript has not: the microseconds are those that a double has.
    expect(isoMicros(years(294_276))).toMatch(/^\+294276-01-01T00:00:00\.\d{6}Z$/);
    expect(isoMicros(-9e21)).toBe('-infinity');
    expect([
      clock(years(294_276)),
      clock(Date.UTC(-4712, 0, 1, 12, 4, 31) * 1000),
      clock(Number.POSITIVE_INFINITY),
    ]).toEqual(['00:00:00', '12:04:31', '']);
  });

  it('never throw', () => {
    fc.assert(fc.property(fc.double(), at => typeof isoMicros(at) === 'string' && typeof clock(at, 3) === 'string'));
  });

  it('shows the clock with or without its fraction', () => {
    const at = parseMicros('2026-11-22T12:04:31.204567Z') as number;
    expect([clock(at), clock(at, 3), clock(at, 6)]).toEqual(['12:04:31', '12:04:31.204', '12:04:31.204567']);
  });
});

describe('digits', () => {
  it.each([
    ['187.1234', '187.1234'],
    ['1.50', '1.50'],
    ['+1.50', '1.50'],
    ['1E-7', '0.0000001'],
    ['1.5e3', '1500'],
    ['.5', '0.5'],
    ['9007199254740993', '9007199254740993'],
    ['-0.0001', '-0.0001'],
  ])('keeps %s as %s', (text, digits) => {
    expect(parseDigits(text)).toBe(digits);
  });

  it.each(['NaN', 'Infinity', '-Infinity', '', '1,000', '0x10', '1e999', '1.2.3', 'one', '9'.repeat(81)])(
    'refuses %j',
    text => {
      expect(parseDigits(text)).toBeUndefined();
    },
  );

  it('rounds half away from zero, as numeric does', () => {
    expect([to4(dec('0.00005')), to4(dec('-0.00005')), to4(dec('2.00014999'))]).toEqual([
      '0.0001',
      '-0.0001',
      '2.0001',
    ]);
  });

  it('never loses a digit of what it accepts', () => {
    fc.assert(
      fc.property(fc.bigInt({min: -(10n ** 30n), max: 10n ** 30n}), fc.nat(12), (n, scale) => {
        const text = dec(n).div(dec(10).pow(scale)).toFixed(scale);
        return parseDigits(text) === text;
      }),
    );
  });
});

describe('the sanitiser', () => {
  it.each([
    // U+1D160, which NFC takes apart, and three vowels on a letter: four cells each, over which Ink cannot draw.
    ['a\u{1d160}b', 'a\ufffdb'],
    ['\u0915\u094c\u094c\u094c', '\ufffd'],
    ['\u092a\u0930\u0940\u0915\u094d\u0937\u093e', '\u092a\u0930\u0940\u0915\u094d\u0937\u093e'],
    ['plain', 'plain'],
    ['a\x1b[31mred\x1b[0m', 'a␛[31mred␛[0m'],
    ['\x1b]52;c;ZXZpbA==\x07', '␛]52;c;ZXZpbA==␇'],
    ['two\r\nlines\tand a tab', 'two lines and a tab'],
    ['c1\x9b31m', 'c1\\x9b31m'],
    ['del\x7f', 'del␡'],
    ['bidi\u202eevil', 'bidievil'],
    ['tag\u{e0041}', 'tag'],
    ['lone\ud800', 'lone\ufffd'],
    ['e\u0301\u0301\u0301\u0301\u0301\u0301\u0301', 'é\u0301\u0301\u0301\u0301'],
    ['日本', '日本'],
  ])('makes %j safe to show', (text, shown) => {
    expect(sanitise(text)).toBe(shown);
  });

  it('passes nothing that moves a cursor, and keeps within its limit', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary', maxLength: 300}), text => {
        const out = sanitise(text, 100);
        return (
          !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(out) &&
          out.isWellFormed() &&
          out.length <= 100 * 3
        );
      }),
    );
  });
});

describe('failures', () => {
  it.each([
    [{code: '28P01', message: 'password authentication failed'}, 'denied', false],
    [{code: '53100', message: 'could not extend file "base/5/16412": No space left on device'}, 'down', true],
    [{code: 'XX000', message: 'could not write init file'}, 'down', true],
    [{code: '42501', message: 'permission denied for table trades'}, 'denied', false],
    [{code: '57014', message: 'canceling statement due to statement timeout'}, 'timeout', true],
    [{code: '08006', message: 'connection failure'}, 'down', true],
    [{code: 'ECONNREFUSED', message: 'connect ECONNREFUSED'}, 'down', true],
    [{code: '42P01', message: 'relation "execution.trades" does not exist'}, 'not_set_up', false],
    [{message: 'Query read timeout'}, 'timeout', true],
    [{message: 'Connection terminated unexpectedly'}, 'down', true],
    [{message: 'WRONGPASS invalid username-password pair'}, 'denied', false],
    [new Error('boom'), 'bug', true],
    ['thrown text', 'bug', true],
    [undefined, 'bug', true],
  ])('classifies %j', (error, why, retry) => {
    expect(failureOf(error)).toMatchObject({why, retry});
  });

  it.each([
    {code: '53100', message: 'could not extend file'},
    {code: 'XX000', message: 'could not write init file'},
    {code: '58030', message: 'could not write to file "pg_wal/xlogtemp.31": No space left on device'},
    {message: 'MISCONF Errors writing to the AOF file: No space left on device'},
  ])('say that a disk is full, also by the message: %j', error => {
    expect(failureOf(error)).toMatchObject({why: 'down', next: expect.stringMatching(/disk is full/)});
    const target = {
      host: 'db',
      port: 5432,
      database: 'd',
      user: 'u',
      password: secret(undefined),
      ssl: 'disable',
    } as const;
    expect(unusable(target, error).message).toMatch(/^The disk of PostgreSQL at .* is full: /);
  });

  it('look into the first of several errors, as Node throws them for a host with two addresses', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5432'), {code: 'ECONNREFUSED'});
    expect(failureOf(new AggregateError([refused, refused]))).toMatchObject({
      why: 'down',
      message: 'connect ECONNREFUSED ::1:5432',
    });
  });
});

describe('the ring', () => {
  it('holds the newest values, newest first, as a bounded list would', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({min: 1, max: 9}), fc.nat(12), (values, capacity, count) => {
        const r = ring<number>(capacity);
        for (const v of values) r.push(v);
        expect(r.newest(count)).toEqual(values.slice(-capacity).reverse().slice(0, count));
        expect(r.newest()).toHaveLength(Math.min(values.length, capacity));
      }),
    );
  });
});

describe('percentiles', () => {
  it('are those of the sorted list of the newest numbers', () => {
    const series = fc.array(fc.integer({min: -5, max: 1e6}), {minLength: 1, maxLength: 300});
    fc.assert(
      fc.property(series, fc.double({min: 0.01, max: 1, noNaN: true}), (values, q) => {
        const percentiles = createPercentiles(100);
        for (const value of values) percentiles.add(value);
        const last = values.slice(-100).sort((a, b) => a - b);
        for (const share of [q, 0.5, 0.99]) {
          expect(percentiles.at(share)).toBe(last[Math.ceil(last.length * share) - 1]);
        }
        expect(percentiles.newest()).toBe(values.at(-1));
      }),
    );
  });

  it('are not known before the first number', () => {
    const percentiles = createPercentiles(10);
    expect([percentiles.at(0.5), percentiles.newest()]).toEqual([undefined, undefined]);
    percentiles.add(3);
    expect([percentiles.at(0.5), percentiles.at(0.99)]).toEqual([3, 3]);
    percentiles.add(1);
    expect([percentiles.at(0.5), percentiles.at(0.99)]).toEqual([1, 3]);
  });
});

describe('a key from outside', () => {
  it.each([
    ['T-1', 'T-1'],
    ['Ärger 東京', 'Ärger 東京'],
    ['cafe\u0301', 'cafe�{301}'],
    ['a\u00a0b', 'a�{a0}b'],
    ['a\u200bb', 'a�{200b}b'],
    ['a\tb', 'a�{9}b'],
    ['a�{9}b', 'a�{fffd}{9}b'],
  ])('%j is shown as %s', (key, shown) => {
    expect(keyText(key)).toBe(shown);
  });

  it('stays different from every other one, and can be shown', () => {
    const odd = fc.constantFrom(
      'a',
      'b',
      ' ',
      '\t',
      '\u00a0',
      '\u200b',
      '\u0301',
      'é',
      'e',
      '�',
      '{',
      '9',
      '}',
      '\ud83d\ude00',
    );
    const key = fc.array(odd, {maxLength: 6}).map(parts => parts.join(''));
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(keyText(a) === keyText(b)).toBe(a === b);
        expect(sanitise(keyText(a))).toBe(keyText(a));
        if (isSafe(a)) expect(keyText(a)).toBe(a);
      }),
      {numRuns: 5000},
    );
  });
});

describe('a word that is not known', () => {
  it('differs from another in letters that are changed, missing, too many or exchanged', () => {
    const pairs = [
      ['trades', 'trade'],
      ['loging', 'logging'],
      ['', 'abc'],
      ['wathc', 'watch'],
      ['ab', 'ba'],
    ] as const;
    expect(pairs.map(([a, b]) => distance(a, b))).toEqual([1, 1, 3, 1, 1]);
  });

  it.each([
    ['wathc', 'Did you mean watch?'],
    ['snap', 'Did you mean snapshot?'],
    ['SYNC', 'Did you mean sync?'],
    ['nonsense', 'There are: watch, snapshot, sync, setup.'],
    ['s', 'There are: watch, snapshot, sync, setup.'],
    ['watch', 'There are: watch, snapshot, sync, setup.'],
  ])('%s: %s', (word, next) => {
    expect(didYouMean(word, ['watch', 'snapshot', 'sync', 'setup'])).toBe(next);
  });

  it('is refused with what can be done, and shown without what it could do to a terminal', () => {
    expect(unknownWord('pane', 'tra\u001b[31mdes', ['trades'])).toMatchObject({
      message: expect.not.stringContaining('\u001b'),
      exitCode: 2,
    });
    expect(unknownWord('mode', 'x', ['pubsub'], '--mode pubsub').next).toBe('--mode pubsub');
  });
});
