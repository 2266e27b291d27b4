import fc from 'fast-check';
import {Redis} from 'ioredis';
import {describe, expect, test} from 'vitest';
import {publishTrade} from '../../../src/bus/publish.ts';
import {STREAM} from '../../../src/bus/streams.ts';
import {isoMicros, parseMicros} from '../../../src/core/time.ts';
import {QUICK, ready, rigEachTest, well} from '../../helpers/desk/sync-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest();
const SWEEPS = {...QUICK, sweep: 300, settle: 0};

/** Four ids that `sanitise` would change, each into one that may be another trade's. */
const ODD = ['cafe\u0301', 'a\u00a0b', 'a\u200bb', 'a\tb'];
const messageOf = (id: string): string =>
  JSON.stringify({
    type: 'trade_executed',
    service: 'execution',
    data: {trade_id: id, account_id: 'A', symbol: 'IBM', side: 'buy', quantity: 100, price: 10},
    timestamp: new Date().toISOString(),
    correlation_id: id,
  });
const book = (id: string, executedAt = 'now') =>
  rig.pool.query(
    `INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
     VALUES ($1, 'A', 'IBM', 100, 10, $2)`,
    [id, executedAt],
  );
const ledger = async () =>
  (await rig.pool.query('SELECT trade_id, total_value FROM analytics.sync_ledger ORDER BY trade_id COLLATE "C"')).rows;
const total = async () =>
  (await rig.pool.query('SELECT total_value, total_trades FROM analytics.portfolio_summary')).rows;

describe('a trade whose id cannot be shown', () => {
  test.each(['pubsub', 'streams'] as const)(
    'is refused as an event, and counts by its row, exactly: %s',
    async mode => {
      const service = rig.start({mode, intervals: SWEEPS});
      await (mode === 'pubsub' ? ready(service) : well(service));
      for (const id of ODD) {
        await book(id);
        if (mode === 'pubsub') await rig.bus.publish('data_sync:trades', messageOf(id));
        else await rig.bus.xadd(STREAM, '*', 'channel', 'data_sync:trades', 'event', messageOf(id));
      }
      await waitFor('the events to be refused', () => service.stats().rejected.bad_data === ODD.length, SYNC_MS);
      await waitFor('the rows to count', async () => (await ledger()).length === ODD.length, SYNC_MS);
      expect(await ledger()).toEqual(
        ODD.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(trade_id => ({
          trade_id,
          total_value: '1000.0000',
        })),
      );
      expect(await total()).toEqual([{total_value: '4000.0000', total_trades: '4'}]);
      expect(service.stats().rejects[0]?.detail).toBe('data.trade_id: has characters that cannot be shown');
    },
  );

  test('is not published at all', async () => {
    const heard = new Redis(rig.redis.url);
    for (const trade_id of ODD) {
      const data = {trade_id, account_id: 'A', symbol: 'IBM', quantity: 1, price: 1};
      await expect(publishTrade(heard, data)).rejects.toThrow('data.trade_id: has characters that cannot be shown');
    }
    heard.disconnect();
  });
});

describe('a price and a position of the year 2099', () => {
  test.each(['pubsub', 'streams'] as const)('are refused, and those of now count beside them: %s', async mode => {
    const service = rig.start({mode, intervals: SWEEPS});
    await (mode === 'pubsub' ? ready(service) : well(service));
    const publish = (channel: string, type: string, data: object, timestamp: string) => {
      const text = JSON.stringify({type, service: 's', data, timestamp});
      return mode === 'pubsub'
        ? rig.bus.publish(channel, text)
        : rig.bus.xadd(STREAM, '*', 'channel', channel, 'event', text);
    };
    const [now, later] = [new Date().toISOString(), '2099-01-01T00:00:00Z'];
    for (const [at, close, quantity] of [
      [later, 1, 99],
      [now, 55, 7],
    ] as const) {
      await publish('data_sync:market_data', 'market_data_updated', {symbol: 'IBM', close}, at);
      const held = {account_id: 'A', symbol: 'IBM', quantity, avg_price: 10};
      await publish('data_sync:positions', 'position_updated', held, at);
    }
    const view = async () => {
      const {rows} = await rig.pool.query('SELECT quantity, last_price, market_value FROM analytics.portfolio_summary');
      expect(rows).toEqual([{quantity: '7.0000', last_price: '55.0000', market_value: '385.0000'}]);
      return true;
    };
    await waitFor('the position of now at the price of now', view, SYNC_MS);
    await waitFor('the quarantine', () => service.stats().applied.quarantined === 2, SYNC_MS);
    expect(service.stats().quarantined_of).toEqual({trades: 0, positions: 1, market_data: 1});
  });
});

describe('a time', () => {
  test('finer than a microsecond is the same by event and by table: the next day', async () => {
    const service = rig.start({intervals: SWEEPS});
    await ready(service);
    const at = '2026-11-20T23:59:59.9999997Z';
    const data = {account_id: 'A', symbol: 'IBM', side: 'buy', quantity: 100, price: 10, executed_at: at} as const;
    await rig.bus.publish(
      'data_sync:trades',
      JSON.stringify({type: 'trade_executed', service: 's', data: {trade_id: 'event', ...data}, timestamp: at}),
    );
    await book('row', at);
    await waitFor('both trades', async () => (await ledger()).length === 2, SYNC_MS);
    const {rows} = await rig.pool.query(
      'SELECT trade_id, trade_date::text AS day FROM analytics.sync_ledger ORDER BY trade_id',
    );
    expect(rows).toEqual(['event', 'row'].map(trade_id => ({trade_id, day: '2026-11-21'})));
  });

  test('is rounded as PostgreSQL rounds it', async () => {
    const fraction = fc.oneof(
      fc.stringMatching(/^\d{1,9}$/),
      fc.stringMatching(/^\d{6}$/).map(six => `${six}5`),
      fc.stringMatching(/^\d{6}$/).map(six => `${six}499`),
      fc.stringMatching(/^\d{3}$/).map(three => `999999${three}`),
    );
    const second = fc.integer({min: Date.UTC(2000, 0, 1), max: Date.UTC(2250, 0, 1)}).map(ms => Math.floor(ms / 1000));
    const text = fc.tuple(second, fraction).map(([s, digits]) => `${isoMicros(s * 1e6).slice(0, 19)}.${digits}Z`);
    await fc.assert(
      fc.asyncProperty(fc.array(text, {minLength: 200, maxLength: 200}), async texts => {
        const {rows} = await rig.pool.query(
          `SELECT to_char(t::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
             FROM unnest($1::text[]) WITH ORDINALITY AS u(t, n) ORDER BY n`,
          [texts],
        );
        expect(texts.map(each => isoMicros(parseMicros(each) as number))).toEqual(rows.map(row => row.at));
      }),
      {numRuns: 50},
    );
  });
});
