import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {createDecoder, deskKinds, isReject, MAX_BYTES} from '../../src/bus/decode.ts';
import type {BusEvent, DeskEvent, Reject} from '../../src/bus/event.ts';
import type {EventKind} from '../../src/bus/kind.ts';
import type {MarketDataEvent} from '../../src/bus/kinds/market-data.ts';
import type {PositionEvent} from '../../src/bus/kinds/positions.ts';
import type {TradeEvent} from '../../src/bus/kinds/trades.ts';
import {learnShape} from '../../src/bus/shape.ts';
import {createTimes} from '../../src/bus/times.ts';
import {parseDigits} from '../../src/core/decimal.ts';
import {isSafe} from '../../src/core/sanitise.ts';
import {isoMicros, parseMicros} from '../../src/core/time.ts';

const NOW = 1_795_338_000_500_000;
const decodeOnce = (channel: string, message: Buffer | string) => createDecoder(deskKinds, () => NOW)(channel, message);

// What `json.dumps` in a Python service's publish_trade_event gives, with floats in trade_data.
const PYTHON =
  '{"type": "trade_executed", "service": "execution", "data": {"trade_id": "T-1", "order_id": "O-1", "account_id": ' +
  '"ACC-01", "symbol": "AAPL", "quantity": 100.0, "price": 187.1234, "commission": 0.5, "executed_at": ' +
  '"2026-11-22T09:00:00.123455", "strategy": "momentum", "trade_type": "opening", "total_value": 18712.34, ' +
  '"realized_pnl": 0.0, "win_rate": 0.55}, "timestamp": "2026-11-22T09:00:00.123456", "correlation_id": "T-1"}';

function trade(message: string | Buffer): BusEvent<'trades', TradeEvent> {
  const outcome = decodeOnce('data_sync:trades', message);
  if (isReject(outcome) || outcome.kind !== 'trades') throw new Error(JSON.stringify(outcome));
  return outcome;
}

function reject(message: string | Buffer, channel = 'data_sync:trades'): Reject {
  const outcome = decodeOnce(channel, message);
  if (!isReject(outcome)) throw new Error(`accepted: ${JSON.stringify(outcome)}`);
  return outcome;
}

const edit = (from: string, to: string): string => {
  expect(PYTHON).toContain(from);
  return PYTHON.replace(from, to);
};

describe('a message that Python published', () => {
  it('becomes an event with every digit, in UTC', () => {
    expect(trade(PYTHON)).toEqual({
      kind: 'trades',
      channel: 'data_sync:trades',
      type: 'trade_executed',
      service: 'execution',
      at: parseMicros('2026-11-22T09:00:00.123456Z'),
      receivedAt: NOW,
      correlationId: 'T-1',
      data: {
        tradeId: 'T-1',
        orderId: 'O-1',
        accountId: 'ACC-01',
        symbol: 'AAPL',
        side: undefined,
        quantity: '100.0',
        price: '187.1234',
        commission: '0.5',
        executedAt: parseMicros('2026-11-22T09:00:00.123455Z'),
        strategy: 'momentum',
        tradeType: 'opening',
        totalValue: '18712.34',
        realizedPnl: '0.0',
        winRate: '0.55',
      },
    });
  });

  it('keeps digits that a float would lose, from numbers and from strings', () => {
    expect(trade(edit('100.0', '9007199254740993')).data.quantity).toBe('9007199254740993');
    expect(trade(edit('187.1234', '1.10')).data.price).toBe('1.10');
    expect(trade(edit('187.1234', '"187.12340000"')).data.price).toBe('187.12340000');
    expect(trade(edit('187.1234', '"1E-7"')).data.price).toBe('0.0000001');
    expect(trade(edit('187.1234', '1e-07')).data.price).toBe('0.0000001');
    expect(trade(edit('18712.34', '-0.1')).data.totalValue).toBe('-0.1');
  });

  it('may omit the fraction of a second, where microsecond is 0', () => {
    expect(trade(edit('09:00:00.123456', '09:00:00')).at).toBe(parseMicros('2026-11-22T09:00:00Z'));
  });

  it('may name a zone', () => {
    expect(trade(edit('09:00:00.123456', '09:00:00.123456+05:30')).at).toBe(parseMicros('2026-11-22T03:30:00.123456Z'));
  });

  it('may have null, or nothing, where a field is optional', () => {
    const event = trade(edit('"strategy": "momentum", ', '"strategy": null, ').replace('"win_rate": 0.55', '"x": [1]'));
    expect(event.data.strategy).toBeUndefined();
    expect(event.data.winRate).toBeUndefined();
  });

  it('may have a whole number for an identity, and unknown fields', () => {
    expect(trade(edit('"trade_id": "T-1"', '"trade_id": 12345678901234567890')).data.tradeId).toBe(
      '12345678901234567890',
    );
    expect(trade(edit('"type"', '"__proto__": {"service": 1}, "toString": 1, "type"')).service).toBe('execution');
    expect(trade(edit('"trade_id"', '"__proto__": {"price": "1"}, "trade_id"')).data.price).toBe('187.1234');
  });

  it('is made safe for the screen', () => {
    expect(trade(edit('"execution"', '"exec\\u001b[31mution\\u202e"')).service).toBe('exec␛[31mution');
  });
});

describe('a rejected message', () => {
  it.each([
    ['NaN', edit('0.55', 'NaN'), 'not_json', 'data.win_rate: NaN, which is not JSON'],
    ['Infinity', edit('187.1234', 'Infinity'), 'not_json', 'data.price: Infinity, which is not JSON'],
    [
      '-Infinity',
      edit('"realized_pnl": 0.0', '"realized_pnl": -Infinity'),
      'not_json',
      'data.realized_pnl: -Infinity, which is not JSON',
    ],
    ['words', 'hello', 'not_json', 'not JSON: '],
    ['nothing', '', 'not_json', 'not JSON: '],
    ['bytes', Buffer.from([0x7b, 0xff, 0x7d]), 'not_json', 'not UTF-8'],
    ['a list', '[]', 'not_envelope', 'the message: must be a JSON object'],
    ['no service', edit('"service": "execution", ', ''), 'not_envelope', 'service: is missing'],
    ['no time', edit('"timestamp": "2026-11-22T09:00:00.123456", ', ''), 'not_envelope', 'timestamp: is missing'],
    ['a wrong time', edit('T09:00:00.123456', 'T25:00:00'), 'not_envelope', 'timestamp: must be an ISO 8601 time'],
    [
      'data that is a list',
      '{"type":"t","service":"s","timestamp":"2026-11-22T09:00","data":[]}',
      'not_envelope',
      'data: ',
    ],
    ['another type', edit('trade_executed', 'trade_cancelled'), 'unknown_type', 'type: trade_cancelled'],
    ['no price', edit('"price": 187.1234, ', ''), 'bad_data', 'data.price: is missing'],
    ['a null price', edit('187.1234', 'null'), 'bad_data', 'data.price: '],
    ['a price in words', edit('187.1234', '"NaN"'), 'bad_data', 'data.price: must be a finite decimal number'],
    ['no positive price', edit('187.1234', '0.00'), 'bad_data', 'data.price: must be positive'],
    ['a negative quantity', edit('100.0', '-1'), 'bad_data', 'data.quantity: must be positive'],
    ['a negative fee', edit('0.5,', '-0.5,'), 'bad_data', 'data.commission: must be not negative'],
    ['no identity', edit('"T-1", "order', '"", "order'), 'bad_data', 'data.trade_id: must not be empty'],
    ['a long symbol', edit('AAPL', 'A'.repeat(21)), 'bad_data', 'data.symbol: must not be longer than 20 characters'],
    [
      'a name with a tab',
      edit('momentum', 'mo\\tmentum'),
      'bad_data',
      'data.strategy: has characters that cannot be shown',
    ],
    ['a lost character', edit('AAPL', 'A�PL'), 'bad_data', 'data.symbol: has characters that cannot be shown'],
    [
      'a correlation that is none',
      edit('"correlation_id": "T-1"', '"correlation_id": "T\\u200b-1"'),
      'not_envelope',
      'correlation_id: has characters that cannot be shown',
    ],
    [
      'another age',
      edit('123455', '123455').replace('2026-11-22T09:00:00.123455', '1999-12-31T23:59:59.999999'),
      'bad_data',
      'data.executed_at: must not be before the year 2000',
    ],
    [
      'the year 1',
      edit('2026-11-22T09:00:00.123456', '0001-01-01T00:00:00'),
      'not_envelope',
      'timestamp: must not be before the year 2000',
    ],
    [
      'a side that is none',
      edit('"quantity"', '"side": "hold", "quantity"'),
      'bad_data',
      'data.side: must be buy or sell',
    ],
  ])('says why: %s', (_name, message, reason, detail) => {
    const refused = reject(message);
    expect(refused.reason).toBe(reason);
    expect(refused.detail).toContain(detail);
    expect(refused.at).toBe(NOW);
    expect(refused.bytes).toBe(Buffer.byteLength(message));
  });

  it('is cut to 2,048 characters, and not parsed at all over 1 MiB', () => {
    const fits = `${PYTHON}${' '.repeat(MAX_BYTES - PYTHON.length)}`;
    expect(isReject(decodeOnce('data_sync:trades', Buffer.from(fits)))).toBe(false);
    const over = reject(Buffer.from(`${fits} `));
    expect([over.reason, over.bytes, over.text.length]).toEqual(['oversized', MAX_BYTES + 1, 2048]);
    expect(reject(`${'é'.repeat(MAX_BYTES / 2)}a`).reason).toBe('oversized');
  });

  it('came on an unknown channel', () => {
    expect(reject('{"a": 1}', 'data_sync:orders')).toMatchObject({
      reason: 'unknown_channel',
      channel: 'data_sync:orders',
      text: '{"a": 1}',
    });
  });

  it('never shows control characters', () => {
    expect(reject('\u001b]0;x\u0007').text).toBe('␛]0;x␇');
  });
});

describe('any bytes', () => {
  const channels = fc.constantFrom('data_sync:trades', 'data_sync:positions', 'data_sync:market_data', 'data_sync:x');
  const taught = () => {
    const decode = createDecoder(deskKinds, () => NOW);
    decode('data_sync:trades', PYTHON);
    return decode;
  };

  it('give an event or a reason, and never throw', () => {
    const decode = taught();
    const json = fc.json({noUnicodeString: false, maxDepth: 4});
    const mangled = fc
      .tuple(fc.nat(PYTHON.length), fc.nat(8), fc.string({unit: 'binary', maxLength: 8}))
      .map(([at, cut, put]) => PYTHON.slice(0, at) + put + PYTHON.slice(at + cut));
    const bytes = fc.uint8Array({maxLength: 600}).map(array => Buffer.from(array));
    fc.assert(
      fc.property(channels, fc.oneof(fc.string({unit: 'binary'}), json, mangled, bytes), (channel, message) => {
        const outcome = decode(channel, message);
        expect(isReject(outcome) ? outcome.detail : outcome.kind).not.toBe('');
      }),
      {numRuns: 1000},
    );
  });

  it('may nest a million deep', () => {
    expect(reject('['.repeat(MAX_BYTES)).reason).toBe('not_json');
    expect(reject(`{"data":${'[NaN,'.repeat(100_000)}`).reason).toBe('not_json');
    expect(reject('"\\'.repeat(500_000)).reason).toBe('not_json');
  });
});

describe('a decoder that has learned how a producer writes', () => {
  // Values of every form that a producer may put into a field, right and wrong.
  const value = fc.oneof(
    fc.string({unit: 'grapheme', maxLength: 25}),
    fc.constantFrom('', 'buy', 'SELL', 'NaN', '1E-7', '-0', '0', '.5', '+1', '007', '2026-11-22T09:00:00', null, true),
    fc.double({noNaN: true, noDefaultInfinity: true}),
    fc.integer(),
    fc.bigInt({min: 0n, max: 10n ** 45n}).map(String),
    fc.date({noInvalidDate: true}).map(date => date.toISOString()),
  );
  const plain = fc.oneof(fc.integer({min: 1}), fc.double({min: 0.001, max: 1e6, noNaN: true}), fc.constant('1.50'));
  const fields = (names: readonly string[], required: readonly string[]) =>
    fc.record(Object.fromEntries([...names.map(n => [n, value] as const), ...required.map(n => [n, plain] as const)]), {
      requiredKeys: [...required],
    });
  const name = fc.oneof({arbitrary: fc.constantFrom('T-1', 'AAPL', 'a b'), weight: 4}, value);
  const envelope = fc.record({
    service: fc.constantFrom('execution', 'é'),
    correlation_id: fc.oneof(fc.constant('c'), value),
  });
  const message = fc
    .tuple(
      fc.constantFrom(...deskKinds),
      fields(['commission', 'side', 'executed_at', 'strategy', 'win_rate', 'volume', 'last_updated', 'note'], []),
      fields([], ['quantity', 'price', 'avg_price', 'close']),
      fc.record({trade_id: name, account_id: name, symbol: name}),
      envelope,
      fc.constantFrom(', ', ','),
    )
    .map(([kind, some, all, names, {service, correlation_id}, comma]) => {
      const body = {
        type: kind.type,
        service,
        data: {...names, ...all, ...some},
        timestamp: '2026-11-22T09:00:00.5',
        correlation_id,
      };
      return {channel: kind.channel as string, text: JSON.stringify(body).replaceAll('","', `"${comma}"`)};
    });

  it('reads the same as one that has learned nothing', () => {
    const learned = createDecoder(deskKinds, () => NOW);
    fc.assert(
      fc.property(message, ({channel, text}) => {
        const fresh = decodeOnce(channel, text);
        expect(learned(channel, text)).toEqual(fresh);
        expect(learned(channel, Buffer.from(text))).toEqual(fresh);
      }),
      {numRuns: 2000},
    );
  });

  it('has a shape for Python’s messages and for ours', () => {
    const ours = deskKinds.map(kind => {
      const data = {tradeId: 'T-1', accountId: 'A', symbol: 'S', quantity: '1', price: '2', avgPrice: '3', close: '4'};
      return `{"type": "${kind.type}", "service": "s", "data": ${kind.encode(data)}, "timestamp": "2026-11-22T09:00:00"}`;
    });
    for (const [text, kind] of [
      [PYTHON, deskKinds.find(k => k.kind === 'trades')],
      ...ours.map((t, i) => [t, deskKinds[i]]),
    ]) {
      const event = learnShape(kind as EventKind, text as string)?.(text as string, createTimes(), NOW);
      expect((event?.data as TradeEvent | undefined)?.symbol).toBe(text === PYTHON ? 'AAPL' : 'S');
    }
  });

  it('is not misled by keys that appear twice or in another object', () => {
    const learned = createDecoder(deskKinds, () => NOW);
    for (const text of [
      PYTHON,
      edit('"price": 187.1234', '"price": 187.1234, "price": 2'),
      edit('187.1234', '1e-07'),
      edit('187.1234', '1E-000007'),
      edit('187.1234', '1e+000005'),
      edit('187.1234', '0e-07'),
      edit('"data": {', '"price": 3, "data": {'),
      edit('"strategy": "momentum"', '"strategy": "\\"price\\": 4"'),
      edit('"price": 187.1234', '"pric\\u0065": 5'),
      edit('"win_rate": 0.55', '"more": {"price": 6}'),
      `${PYTHON}\n`,
      ` ${PYTHON}`,
    ]) {
      for (let i = 0; i < 3; i++)
        expect(learned('data_sync:trades', text)).toEqual(decodeOnce('data_sync:trades', text));
    }
  });

  it('reads times as the exact reader does', () => {
    const times = createTimes();
    const part = fc.nat(99).map(n => String(n).padStart(2, '0'));
    const made = fc
      .tuple(
        fc.constantFrom('2026-11-22', '2026-02-29', '2024-02-29', '1969-12-31'),
        fc.constantFrom('T', ' ', 't'),
        part,
        part,
        part,
      )
      .map(([day, t, h, m, s]) => `${day}${t}${h}:${m}:${s}`);
    const rest = fc.constantFrom(
      '',
      '.',
      '.5',
      '.123456',
      '.1234567899',
      '.123456789',
      '.9999995',
      '.9999997Z',
      '.0000005',
      '.000001Z',
      'Z',
      '+00:00',
      '.1+05:30',
      '-0800',
      'x',
    );
    const real = fc.integer({min: 0, max: 4e9}).map(seconds => isoMicros(seconds * 1e6).slice(0, 19));
    fc.assert(
      fc.property(fc.oneof(made, real, fc.string()), rest, (text, tail) => {
        expect(times(text + tail)).toBe(parseMicros(text + tail));
      }),
      {numRuns: 3000},
    );
  });
});

describe('a key', () => {
  const keys = ['trade_id', 'order_id', 'account_id', 'symbol', 'strategy', 'trade_type', 'correlation_id'];
  // Combining, no-break, zero-width, controls, direction, byte order mark, lost, half a character, variation selector.
  const odd = fc.constantFrom(...'\u0301\u00a0\u200b\t\n\u202e\ufeff\ufffd\u0000\ufe0f', '\ud800');
  const value = fc.oneof(
    fc.string({unit: 'binary', minLength: 1, maxLength: 12}),
    fc.string({unit: 'grapheme', minLength: 1, maxLength: 12}),
    fc.tuple(fc.string({maxLength: 5}), odd, fc.string({maxLength: 5})).map(parts => parts.join('')),
  );
  // No longer than the shortest of the columns.
  const short = value.filter(key => [...key].length <= 20);
  const base = {trade_id: 'T', order_id: 'O', account_id: 'A', symbol: 'S', strategy: 'M', trade_type: 'opening'};
  const messages = (name: string, key: string) =>
    deskKinds.map(kind => {
      const data = {...base, quantity: '1', price: '2', avg_price: '3', close: '4', [name]: key};
      const envelope = {type: kind.type, service: 's', timestamp: '2026-11-22T09:00:00', correlation_id: 'C'};
      const text = JSON.stringify({...envelope, data, ...(name === 'correlation_id' ? {correlation_id: key} : {})});
      return {kind, text};
    });

  it('of any kind comes out exactly as it went in, or is refused', () => {
    const learned = createDecoder(deskKinds, () => NOW);
    fc.assert(
      fc.property(fc.constantFrom(...keys), short, (name, key) => {
        for (const {kind, text} of messages(name, key)) {
          const outcome = learned(kind.channel, text);
          const values = isReject(outcome) ? [] : [outcome.correlationId, ...Object.values(outcome.data)];
          const read = name in kind.fields || name === 'correlation_id';
          expect(isReject(outcome) || !read || values.includes(key as never)).toBe(true);
          if (read) expect(isReject(outcome)).toBe(!isSafe(key));
        }
      }),
      {numRuns: 2000},
    );
  });

  it.each(['cafe\u0301', 'a\u00a0b', 'a\u200bb', 'a\tb'])('%j is refused in every field of every kind', key => {
    for (const name of keys) {
      for (const {kind, text} of messages(name, key)) {
        const refused = name in kind.fields || name === 'correlation_id';
        expect(isReject(decodeOnce(kind.channel, text)), `${kind.kind} ${name}`).toBe(refused);
      }
    }
  });
});

describe('what is published', () => {
  const digits = fc
    .tuple(fc.bigInt({min: 1n, max: 10n ** 15n}), fc.nat(4))
    .map(([n, scale]) =>
      scale === 0 ? `${n}` : `${n / 10n ** BigInt(scale)}.${String(n % 10n ** BigInt(scale)).padStart(scale, '0')}`,
    );
  const money = fc.tuple(fc.constantFrom('', '-'), digits).map(([sign, d]) => parseDigits(sign + d) as string);
  const text = (most: number) =>
    fc
      .string({unit: 'grapheme', minLength: 1, maxLength: most})
      .filter(t => t.length <= most && /^[\p{L}\p{N} -]+$/u.test(t) && t.normalize('NFC') === t);
  const at = fc.integer({min: Date.UTC(2000, 0, 1) * 1000, max: 4e15});
  const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, {nil: undefined});
  const trades = fc.record({
    tradeId: text(20),
    orderId: maybe(text(20)),
    accountId: text(20),
    symbol: text(8),
    side: maybe(fc.constantFrom('buy', 'sell')),
    quantity: digits,
    price: digits,
    commission: maybe(digits),
    executedAt: maybe(at),
    strategy: maybe(text(20)),
    tradeType: maybe(text(20)),
    totalValue: maybe(money),
    realizedPnl: maybe(money),
    winRate: maybe(money),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<TradeEvent>;
  const positions = fc.record({
    accountId: text(20),
    symbol: text(8),
    quantity: digits,
    avgPrice: digits,
    marketValue: maybe(money),
    unrealizedPnl: maybe(money),
    realizedPnl: maybe(money),
    lastUpdated: maybe(at),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<PositionEvent>;
  const bars = fc.record({
    symbol: text(8),
    at: maybe(at),
    open: maybe(digits),
    high: maybe(digits),
    low: maybe(digits),
    close: digits,
    volume: maybe(digits),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<MarketDataEvent>;
  const any = fc.oneof(
    trades.map(data => ['trades', data] as const),
    positions.map(data => ['positions', data] as const),
    bars.map(data => ['market_data', data] as const),
  );

  it('is read back unchanged, to the last digit and microsecond', () => {
    const positive = (data: object): boolean =>
      !Object.entries(data).some(
        ([k, v]) => /quantity|price|close|open|high|low/i.test(k) && !/[1-9]/.test(String(v ?? 1)),
      );
    fc.assert(
      fc.property(any, ([kindName, data]) => {
        fc.pre(positive(data));
        const kind = deskKinds.find(({kind}) => kind === kindName) as (typeof deskKinds)[number];
        const body = `{"type": "${kind.type}", "service": "s", "data": ${kind.encode(data)}, "timestamp": "2026-11-22T09:00:00"}`;
        expect((decodeOnce(kind.channel, body) as DeskEvent).data).toEqual(data);
      }),
      {numRuns: 500},
    );
  });
});
