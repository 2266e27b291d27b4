import type pg from 'pg';
import {describe, expect, test} from 'vitest';
import {sanitise} from '../../../src/core/sanitise.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {positionLimitsPoller} from '../../../src/monitor/position-limits.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {bookTrades, deskTrades} from '../../helpers/desk/desk-trades.ts';
import {allReady, QUICK, rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {monitorPool, readerOf} from '../../helpers/state/polls.ts';

const rig = rigEachTest({pool: {max: 4}});
const sql = loadSql();

const exec = (text: string): Promise<pg.QueryResult> => rig.pool.query(text);
const rows = async (text: string) => (await exec(text)).rows;
/** Measures as a worker does: locks, then one statement. */
async function measure(symbols: readonly string[] | null = null): Promise<readonly Record<string, unknown>[]> {
  const client = await rig.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(sql.statement('sync/position_limits_lock'));
    const {rows: edges} = await client.query(sql.statement('sync/position_limits'), [symbols]);
    await client.query('COMMIT');
    return edges;
  } finally {
    client.release();
  }
}
const events = () =>
  rows(`SELECT correlation_id, observed_value, limit_value, message, resolved_at IS NOT NULL AS resolved
    FROM risk_management.risk_events ORDER BY id`);
const limits = () =>
  rows(`SELECT id, trim_scale(used_quantity)::text AS quantity, trim_scale(used_value)::text AS value,
    breached_at IS NOT NULL AS breached, version FROM risk_management.position_limits ORDER BY id`);
const publishPosition = (account: string, symbol: string, quantity: number) =>
  rig.bus.publish(
    'data_sync:positions',
    `{"type": "position_updated", "service": "execution", "timestamp": "${new Date().toISOString()}",
      "data": {"account_id": "${account}", "symbol": "${symbol}", "quantity": ${quantity}, "avg_price": 10, "market_value": ${quantity * 10},
      "unrealized_pnl": 0, "realized_pnl": 0, "last_updated": "${new Date().toISOString()}"}}`,
  );

describe('position limits', () => {
  test('are measured by account, symbol and strategy, over what is known; hostile numbers change no state', async () => {
    await exec(`
      ALTER TABLE execution.positions DROP CONSTRAINT finite_numbers;
      INSERT INTO execution.positions (account_id, symbol, quantity, avg_price, market_value)
        VALUES ('A', 'X', 100, 10, 1), ('B', 'X', 50, 10, NULL), ('A', 'Y', 5, 10, 77.5), ('A', 'Z', 0, 10, 0), ('N', 'N', 'NaN', 1, NULL),
               ('H', 'H', 99999999999.9999, 99999999999.9999, NULL);
      INSERT INTO analytics.sync_marks (symbol, price, marked_at) VALUES ('X', 12, now());
      INSERT INTO analytics.sync_ledger (trade_id, account_id, symbol, strategy, trade_date, total_value, realized_pnl, source, side, quantity)
        VALUES ('1', 'A', 'X', 's', now(), 0, 0, 'table', 'buy', 30), ('2', 'B', 'X', 's', now(), 0, 0, 'table', 'sell', 70),
               ('3', 'A', 'X', 's', now(), 0, 0, 'table', NULL, 999), ('4', 'A', 'X', 'other', now(), 0, 0, 'table', 'buy', 1),
               ('5', 'A', 'Y', 'unpriced', now(), 0, 0, 'table', 'buy', 1), ('6', 'A', 'X', 'nan', now(), 0, 0, 'table', 'buy', 'NaN');
      INSERT INTO risk_management.position_limits (id, account_id, strategy, symbol, max_quantity, max_value, enabled)
        VALUES (1, 'A', NULL, 'X', 100, NULL, true), (2, NULL, NULL, 'X', 149, 1e9, true), (3, 'A', NULL, NULL, NULL, 1277, true),
               (4, NULL, 's', 'X', 39, 1e9, true), (5, NULL, 's', NULL, NULL, 479, true), (6, 'A', 'unpriced', NULL, NULL, 1, true),
               (7, 'A', 'nan', 'X', 1, 1, true), (8, 'N', NULL, 'N', 1, NULL, true), (9, 'H', NULL, NULL, NULL, 1, true),
               (10, 'nobody', NULL, NULL, NULL, 1, true), (11, NULL, NULL, 'Y', 1, NULL, false)`);
    expect((await measure()).map(edge => [edge.limit_id, edge.began])).toEqual([
      ['2', true],
      ['3', true],
      ['4', true],
      ['5', true],
      ['9', true],
    ]);
    expect((await limits()).map(row => [row.id, row.quantity, row.value, row.breached])).toEqual([
      ['1', '100', null, false],
      ['2', '150', '1800', true],
      ['3', null, '1277.5', true],
      ['4', '40', '480', true],
      ['5', null, '480', true],
      ['6', null, null, false],
      ['7', null, null, false],
      ['8', null, null, false],
      ['9', null, '9999999999999980000000', true],
      ['10', null, '0', false],
      ['11', null, null, false],
    ]);
    expect(await events()).toMatchObject([
      {correlation_id: 'position_limit:2', observed_value: '150.0000', limit_value: '149.0000'},
      {correlation_id: 'position_limit:3', message: 'Position of A: value 1277.5 is over its limit of 1277.'},
      {
        correlation_id: 'position_limit:4',
        observed_value: '40.0000',
        message: expect.stringContaining('of s X: quantity 40'),
      },
      {correlation_id: 'position_limit:5'},
      {correlation_id: 'position_limit:9', observed_value: null, resolved: false},
    ]);
    expect(await measure()).toEqual([]);
    // A breach that can no longer be measured stands; one of a disabled limit ends.
    await exec(`UPDATE execution.positions SET quantity = 'NaN' WHERE account_id = 'B';
      UPDATE risk_management.position_limits SET enabled = false WHERE id = 3;
      UPDATE risk_management.position_limits SET max_quantity = 1e9 WHERE id = 4`);
    expect(await measure(['Y'])).toMatchObject([{limit_id: '3', began: false}]);
    expect(await measure()).toMatchObject([{limit_id: '4', began: false}]);
    expect((await limits()).filter(row => row.breached).map(row => row.id)).toEqual(['2', '5', '9']);
    expect((await events()).map(event => event.resolved)).toEqual([false, true, true, false, false]);
    expect((await limits()).every(row => row.version === 1)).toBe(true);
  });

  test('record each breach once, and its end, with three workers that hear every event', async () => {
    await exec(`INSERT INTO risk_management.position_limits (id, account_id, symbol, max_quantity, warn_fraction)
      VALUES (1, 'A', 'X', 100, 0.5), (2, 'A', 'Y', 1000, 1)`);
    const services = ['one', 'two', 'three'].map(worker => rig.start({worker, intervals: {...QUICK, limits: 300}}));
    await allReady(services);
    const EDGES = 6;
    for (let i = 0; i < EDGES; i++) {
      const quantity = i % 2 === 0 ? 101 : 99;
      await exec(`INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('A', 'X', ${quantity}, 10)
        ON CONFLICT (account_id, symbol) DO UPDATE SET quantity = excluded.quantity`);
      await publishPosition('A', 'X', quantity);
      await waitFor('the edge', async () => (await limits())[0]?.breached === (i % 2 === 0), SYNC_MS);
    }
    expect(await events()).toEqual(
      Array.from({length: EDGES / 2}, () => ({
        correlation_id: 'position_limit:1',
        observed_value: '101.0000',
        limit_value: '100.0000',
        message: 'Position of A X: quantity 101 is over its limit of 100.',
        resolved: true,
      })),
    );
    // A trade alone is enough, without an event of its position; and the console reads what was measured.
    const trades = deskTrades(1).map(trade => ({...trade, accountId: sanitise('A'), symbol: sanitise('Y')}));
    await bookTrades(rig.pool, trades);
    await exec(`INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('A', 'Y', 1000, 1)`);
    await rig.publish(trades);
    await waitFor('the measuring', async () => (await limits())[1]?.quantity === '1000', SYNC_MS);
    const trading = monitorPool(targetOf(rig.desk));
    rig.cleanups.push(() => trading.close());
    const {position_limits: shown} = await readerOf(positionLimitsPoller, {trading})();
    expect(shown.map(row => [row.id, row.limitType, row.used, row.percent, row.headroom, row.breachedAt])).toEqual([
      ['2', 'position_quantity', '1000.0000', 100, '0.0000', undefined],
      ['1', 'position_quantity', '99.0000', 99, '1.0000', undefined],
    ]);
    const check = await rows(sql.statement('verify/data_position_limits'));
    expect(check).toEqual([]);
  });
});
