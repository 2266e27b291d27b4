import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {Decimal} from '../../src/core/decimal.ts';
import {parseFilter} from '../../src/core/filter.ts';
import {
  age,
  ageAt,
  bytes,
  compact,
  count,
  decimal,
  decimalsOf,
  duration,
  fixed,
  grouped,
  money,
  percent,
  plural,
  signed,
  sparkline,
} from '../../src/core/format.ts';
import {sumDigits} from '../../src/core/sum.ts';

describe('numbers', () => {
  it('separate the thousands and keep every digit', () => {
    expect(['0', '999', '1000', '-1234567.50', '12345678901234567890.1234'].map(grouped)).toEqual([
      '0',
      '999',
      '1,000',
      '−1,234,567.50',
      '12,345,678,901,234,567,890.1234',
    ]);
  });

  it('round half away from zero, as PostgreSQL does', () => {
    expect([
      fixed('0.125', 2),
      fixed('-0.125', 2),
      fixed('2.5', 0),
      fixed('1', 2),
      fixed('1.5', 4),
      fixed('-0.001', 2),
    ]).toEqual(['0.13', '-0.13', '3', '1.00', '1.5000', '0.00']);
    expect(fixed('99999999999999999999.995', 2)).toBe('100000000000000000000.00');
  });

  it('are never shown as zero where they are not', () => {
    expect(['0.0000', '-0.00', '0.004', '-0.004', '0.000000123456'].map(digits => money(digits))).toEqual([
      '0.00',
      '0.00',
      '0.004',
      '−0.004',
      '0.000000123',
    ]);
    expect(['0.000000000231499', '0.0000000012', '-0.0000000012'].map(digits => money(digits, 8))).toEqual([
      '2.31e-10',
      '1.2e-9',
      '−1.2e-9',
    ]);
    expect([signed('0.001'), signed('-0.001'), signed('0.0000')]).toEqual(['+0.001', '−0.001', '0.00']);
    expect([decimal(0.04), decimal(0), decimal(0.004, 2), percent(0.01)]).toEqual(['<0.1', '0.0', '<0.01', '<0.1%']);
    expect([duration(0.02), duration(0), duration(0.05)]).toEqual(['<0.1 ms', '0.0 ms', '0.1 ms']);
  });

  it('precede their nouns', () => {
    expect([plural(0, 'session'), plural(1, 'session'), plural(1204, 'session')]).toEqual([
      '0 sessions',
      '1 session',
      '1,204 sessions',
    ]);
    expect([plural(1, 'pass', 'passes'), plural(2, 'pass', 'passes')]).toEqual(['1 pass', '2 passes']);
  });

  it('say n/a for what is not known, and never 0', () => {
    expect([
      money(undefined),
      signed(undefined),
      count(undefined),
      bytes(undefined),
      percent(undefined),
      duration(undefined),
      age(undefined),
      ageAt(undefined, 0),
      compact(Number.NaN),
      decimal(Number.POSITIVE_INFINITY),
    ]).toEqual(Array(10).fill('n/a'));
  });

  it('sign profit and loss, but not zero', () => {
    expect([signed('1204.11'), signed('-310.4'), signed('0.0000'), signed('-0.00')]).toEqual([
      '+1,204.11',
      '−310.40',
      '0.00',
      '0.00',
    ]);
  });

  it('count decimals without trailing zeros', () => {
    expect(['100.0000', '25.5000', '7', '0.0001'].map(decimalsOf)).toEqual([0, 1, 0, 4]);
  });

  it('shorten large ones', () => {
    expect([compact(412_000), compact(9_100_000), compact(1_200_000_000)]).toEqual(['412,000', '9.1 M', '1.2 G']);
    expect([bytes(0), bytes(999), bytes(1024), bytes(1_503_238_553), bytes(5_153_960_755_200)]).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.4 GB',
      '4.7 TB',
    ]);
  });
});

describe('times', () => {
  it('are shown as ages', () => {
    expect([0, 3.9, 60, 130, 3600, 14_400, 8072, 86_400, 90_000, 864_000, -5].map(age)).toEqual([
      '0s',
      '3s',
      '1m',
      '2m10s',
      '1h',
      '4h',
      '2h14m',
      '1d',
      '1d1h',
      '10d',
      '0s',
    ]);
  });

  it('are shown as durations', () => {
    expect([0, 0.42, 12.1, 99.96, 340, 999.6, 1840, 41_000, 130_000].map(duration)).toEqual([
      '0.0 ms',
      '0.4 ms',
      '12.1 ms',
      '100 ms',
      '340 ms',
      '1.00 s',
      '1.84 s',
      '41.0 s',
      '2m10s',
    ]);
  });
});

describe('a sparkline', () => {
  it('scales to the largest shown, newest at the right', () => {
    expect(sparkline([0, 1, 2, 4, 8], 5)).toBe('▁▂▃▅█');
    expect(sparkline([100, 0, 4, 8], 3)).toBe('▁▅█');
    expect(sparkline([0, 0], 5)).toBe('▁▁');
    expect(sparkline([1, undefined, 2], 5)).toBe('▅ █');
    expect(sparkline([], 5)).toBe('');
    expect(sparkline([0, 4, 8], 5, true)).toBe('_+#');
  });
});

describe('a filter', () => {
  const keeps = (filter: string, text: string) => {
    const parsed = parseFilter(filter);
    return parsed.ok && parsed.test(text);
  };

  it('searches for a text, for its absence, or for an expression', () => {
    expect([
      keeps('aapl', 'ACC-01 AAPL'),
      keeps('!aapl', 'ACC-01 AAPL'),
      keeps('re:^acc-0[12] ', 'ACC-01 AAPL'),
      keeps('!re:msft|nvda', 'ACC-01 AAPL'),
      keeps('a.c', 'abc'),
      keeps('', 'x'),
      keeps('!', 'x'),
      keeps('re:', 'x'),
    ]).toEqual([true, false, true, true, false, true, true, true]);
  });

  it('says why an expression is not valid', () => {
    expect(parseFilter('re:(')).toEqual({ok: false, error: 'not a regular expression: unterminated group'});
  });
});

describe('a sum', () => {
  it('is exact, and leaves out what is not known', () => {
    expect(sumDigits(['0.1', '0.2', undefined, '-1'])).toBe('-0.7');
    expect(sumDigits(['99999999999999999999.9999', '0.0001'])).toBe('100000000000000000000.0000');
    expect([sumDigits([]), sumDigits([undefined]), sumDigits(['0']), sumDigits(['-0.05', '0.05'])]).toEqual([
      undefined,
      undefined,
      '0',
      '0.00',
    ]);
  });

  it('is that of decimal arithmetic', () => {
    const digits = fc
      .tuple(fc.bigInt({min: -(10n ** 19n), max: 10n ** 19n}), fc.integer({min: 0, max: 8}))
      .map(([n, places]) => new Decimal(n.toString()).div(new Decimal(10).pow(places)).toFixed(places));
    fc.assert(
      fc.property(fc.array(digits, {minLength: 1}), values =>
        new Decimal(sumDigits(values) ?? 'NaN').eq(values.reduce((sum, v) => sum.plus(v), new Decimal(0))),
      ),
    );
  });
});
