import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {createDecoder, isReject} from '../../src/bus/decode.ts';
import type {DeskEvent} from '../../src/bus/event.ts';
import {
  type BusMessage,
  EventError,
  publishEvent,
  publishMarketData,
  publishPosition,
  publishTrade,
  type TradeData,
} from '../../src/bus/publish.ts';
import {parseMicros} from '../../src/core/time.ts';

const AT = parseMicros('2026-11-22T09:00:00.123456Z') as number;
const TRADE: TradeData = {trade_id: 'T-1', account_id: 'ACC-01', symbol: 'AAPL', quantity: '100.0000', price: 187.1234};

/** A Redis that keeps every message. */
function fakeRedis() {
  const sent: BusMessage[] = [];
  const publish = async (channel: string, text: string) => sent.push({channel, text});
  return {redis: {publish}, sent, last: () => sent.at(-1) as BusMessage};
}

function read({channel, text}: BusMessage): DeskEvent {
  const outcome = createDecoder()(channel, text);
  if (isReject(outcome)) throw new Error(outcome.detail);
  return outcome;
}

describe('publishing', () => {
  it('sends the document that a Python service sends', async () => {
    const {redis, last} = fakeRedis();
    await publishTrade(
      redis,
      {...TRADE, strategy: 'momentum', executed_at: new Date('2026-11-22T09:00:00.123Z')},
      {at: AT},
    );
    expect(last()).toEqual({
      channel: 'data_sync:trades',
      text:
        '{"type": "trade_executed", "service": "execution", "data": {"trade_id": "T-1", "account_id": "ACC-01", ' +
        '"symbol": "AAPL", "quantity": 100.0000, "price": 187.1234, "executed_at": "2026-11-22T09:00:00.123000+00:00", ' +
        '"strategy": "momentum"}, "timestamp": "2026-11-22T09:00:00.123456", "correlation_id": "T-1"}',
    });
    expect(JSON.parse(last().text)).toMatchObject({data: {quantity: 100, price: 187.1234}});
  });

  it('gives positions an identity, and market data none', async () => {
    const {redis, last} = fakeRedis();
    await publishPosition(redis, {account_id: 'A', symbol: 'S', quantity: 0, avg_price: 0n, realized_pnl: '-1.50'});
    expect(JSON.parse(last().text)).toMatchObject({
      type: 'position_updated',
      service: 'execution',
      correlation_id: 'A:S',
    });
    expect(read(last())).toMatchObject({data: {quantity: '0', avgPrice: '0', realizedPnl: '-1.50'}});
    await publishMarketData(redis, {symbol: 'S', close: '1.2000', volume: 9007199254740993n}, {correlationId: 'x'});
    expect(Object.keys(JSON.parse(last().text))).toEqual(['type', 'service', 'data', 'timestamp']);
    expect(last().text).toContain('"volume": 9007199254740993');
  });

  it('sends further fields as they are, and leaves out what is unknown', async () => {
    const {redis, last} = fakeRedis();
    await publishTrade(redis, {
      ...TRADE,
      order_id: null,
      commission: undefined,
      settlement_date: '2026-11-24',
      venue: {id: 12n},
    });
    expect(Object.keys(JSON.parse(last().text).data)).toEqual([
      'trade_id',
      'account_id',
      'symbol',
      'quantity',
      'price',
      'settlement_date',
      'venue',
    ]);
    expect(read(last()).kind).toBe('trades');
  });

  it.each([
    ['a price that is not a number', {price: Number.NaN}, 'data.price: must be a finite decimal number'],
    ['a price in words', {price: 'cheap'}, 'data.price: must be a finite decimal number'],
    ['nothing traded', {quantity: 0}, 'data.quantity: must be positive'],
    ['a missing field', {symbol: undefined as unknown as string}, 'data.symbol: is missing'],
    [
      'an identity that is too long',
      {trade_id: 'T'.repeat(101)},
      'data.trade_id: must not be longer than 100 characters',
    ],
    ['an identity with an escape', {trade_id: 'T\u001b[1m'}, 'data.trade_id: has characters that cannot be shown'],
    [
      'an account with a no-break space',
      {account_id: 'a\u00a0b'},
      'data.account_id: has characters that cannot be shown',
    ],
    ['a time of another age', {executed_at: '1999-12-31'}, 'data.executed_at: must not be before the year 2000'],
    ['a wrong time', {executed_at: 'yesterday'}, 'data.executed_at: must be an ISO 8601 time'],
    ['a wrong Date', {executed_at: new Date(Number.NaN)}, 'data.executed_at: must be an ISO 8601 time'],
    [
      'a number among further fields',
      {note: {at: Number.POSITIVE_INFINITY}},
      'data.note: must be a finite decimal number',
    ],
    ['too much', {note: 'x'.repeat(1_048_576)}, 'the message has more than 1048576 bytes'],
  ])('sends nothing when the data is not valid: %s', async (_name, wrong, message) => {
    const {redis, sent} = fakeRedis();
    await expect(publishTrade(redis, {...TRADE, ...wrong})).rejects.toThrow(new EventError(message));
    expect(sent).toEqual([]);
  });

  it('sends other services’ events on channels of their own', async () => {
    const {redis, last} = fakeRedis();
    const event = {
      channel: 'data_sync:orders',
      type: 'order_placed',
      service: 'execution',
      data: {id: 1n, n: 1.5},
      at: AT,
    };
    await publishEvent(redis, {...event, correlationId: 'O-1'});
    expect(last()).toEqual({
      channel: 'data_sync:orders',
      text:
        '{"type": "order_placed", "service": "execution", "data": {"id":1,"n":1.5}, ' +
        '"timestamp": "2026-11-22T09:00:00.123456", "correlation_id": "O-1"}',
    });
    await expect(publishEvent(redis, {...event, channel: 'orders'})).rejects.toThrow('channel: must be data_sync:NAME');
    await expect(publishEvent(redis, {...event, type: ''})).rejects.toThrow('type: must not be empty');
    await expect(publishEvent(redis, {...event, at: 0})).rejects.toThrow('timestamp: must not be before the year 2000');
    await expect(publishEvent(redis, {...event, correlationId: 'O\t1'})).rejects.toThrow(
      'correlation_id: has characters',
    );
    await expect(publishEvent(redis, {...event, channel: 'data_sync:trades'})).rejects.toThrow('type: ');
    const trade = {...event, channel: 'data_sync:trades', type: 'trade_executed'};
    await expect(publishEvent(redis, {...trade, data: {trade_id: 'T'}})).rejects.toThrow('data.account_id: is missing');
    await publishEvent(redis, {...trade, data: TRADE});
    expect(read(last()).service).toBe('execution');
  });

  it('keeps every digit and microsecond', async () => {
    const {redis, last} = fakeRedis();
    const digits = fc.tuple(fc.bigInt({min: 1n, max: 10n ** 30n}), fc.stringMatching(/^\d{0,20}$/));
    await fc.assert(
      fc.asyncProperty(
        digits,
        fc.integer({min: Date.UTC(2000, 0, 1) * 1000, max: 4e15}),
        async ([whole, fraction], at) => {
          const price = fraction === '' ? `${whole}` : `${whole}.${fraction}`;
          await publishTrade(redis, {...TRADE, price}, {at});
          const event = read(last());
          expect([event.at, event.kind === 'trades' && event.data.price]).toEqual([at, price]);
        },
      ),
    );
  });
});
