import {readdirSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {loadSql} from '../../../src/io/sql.ts';
import {allReady, QUICK, rigEachTest} from '../../helpers/desk/sync-rig.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = rigEachTest({pool: {max: 4}});
const sql = loadSql();
const rows = async (text: string) => (await rig.pool.query(text)).rows;
const findings = () =>
  rows(`SELECT check_name || ' ' || row_key AS finding, level, severity, resolved_at IS NULL AS open, occurrences
    FROM data_ingestion.data_quality_logs WHERE row_key IS NOT NULL ORDER BY check_name COLLATE "C", row_key COLLATE "C"`);
const open = async () => (await findings()).filter(row => row.open).map(row => row.finding.replace(/ \d{4}-.*$/, ''));

/** Minute `n` of a quarter of an hour that is long over. */
const at = (n: number) => `date_trunc('hour', now()) - interval '3 hours' + ${n} * interval '1 minute'`;
/** Bars of three symbols, one a minute, of which each is well. */
const WELL = `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
  SELECT s, ${at(0)} + n * interval '1 minute', 100, 101, 99, 100 + n * 0.01, 1000 + n FROM unnest('{A,B,C}'::text[]) AS s, generate_series(0, 14) AS n;
  INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, price)
    VALUES ('well', 'ACC', 'A', 'buy', 'limit', 10, 100);
  INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, side, quantity, price, executed_at)
    VALUES ('well', 'well', 'ACC', 'A', 'buy', 10, 100, now());
  INSERT INTO risk_management.risk_limits (limit_type, account_id, limit_value) VALUES ('max_order_value', 'ACC', 5000)`;
const bar = (n: number, set: string, symbol = 'A') =>
  `UPDATE data_ingestion.market_data SET ${set} WHERE symbol = '${symbol}' AND timestamp = ${at(n)}`;
const order = (id: string, rest: string) =>
  `INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, price, stop_price) VALUES ('${id}', 'ACC', 'A', ${rest})`;
const trade = (id: string, of: string, rest: string) =>
  `INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, side, quantity, price, executed_at) VALUES ('${id}', '${of}', 'ACC', 'A', ${rest})`;

/** For each rule what it finds wrong, and what mends that. */
const WRONG: Readonly<Record<string, readonly [damage: string, mend: string, finding: string]>> = {
  type_bars: [bar(1, 'volume = NULL'), bar(1, 'volume = 1'), 'A'],
  range_bars: [bar(2, 'volume = -1'), bar(2, 'volume = 2'), 'A'],
  cross_ohlc: [bar(3, 'high = 99.5'), bar(3, 'high = 101'), 'A'],
  cross_gaps: [
    `DELETE FROM data_ingestion.market_data WHERE symbol = 'B' AND timestamp IN (${at(5)}, ${at(6)})`,
    `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
     VALUES ('B', ${at(5)}, 100, 101, 99, 100, 5), ('B', ${at(6)}, 100, 101, 99, 100, 6)`,
    'B after',
  ],
  cross_jumps: [bar(14, 'close = 210, high = 210', 'C'), bar(14, 'close = 100, high = 101', 'C'), 'C'],
  cross_duplicates: [bar(8, 'close = 100.07, volume = 1007'), bar(8, 'volume = 8'), 'A'],
  time_bars: [bar(9, `created_at = ${at(0)}`), bar(9, 'created_at = now()'), 'A'],
  type_orders: [
    order('typed', `'buy', 'limit', 1, NULL, NULL`),
    `UPDATE execution.orders SET price = 5 WHERE order_id = 'typed'`,
    'typed',
  ],
  order_limits: [
    order('large', `'buy', 'limit', 51, 100, NULL`),
    `UPDATE execution.orders SET status = 'rejected' WHERE order_id = 'large'`,
    `large limit`,
  ],
  fill_orders: [
    trade('dear', 'well', `'buy', 0.0001, 100.01, now()`),
    `UPDATE execution.trades SET price = 100 WHERE trade_id = 'dear'`,
    'dear',
  ],
  fill_quantity: [
    `${order('over', `'buy', 'market', 1, NULL, NULL`)}; ${trade('twice', 'over', `'buy', 2, 9, now()`)}`,
    `UPDATE execution.trades SET quantity = 1 WHERE trade_id = 'twice'`,
    'over',
  ],
  time_trades: [
    `${order('soon', `'buy', 'market', 1, NULL, NULL`)}; ${trade('ahead', 'soon', `'buy', 1, 9, now() + interval '1 hour'`)}`,
    `UPDATE execution.trades SET executed_at = created_at WHERE trade_id = 'ahead'`,
    'ahead',
  ],
};

describe('validation', () => {
  test('writes each finding once with three workers, closes what no longer holds, and leaves what somebody settled', async () => {
    expect(Object.keys(WRONG).toSorted()).toEqual(
      readdirSync(`${sql.dir}/quality`)
        .map(file => file.replace('.sql', ''))
        .toSorted(),
    );
    await rig.pool.query(
      `ALTER TABLE data_ingestion.market_data DROP CONSTRAINT valid_ohlc, DROP CONSTRAINT non_negative_volume; ${WELL}`,
    );
    for (const [damage] of Object.values(WRONG)) await rig.pool.query(damage);
    // The over-filled order of the fill that is too dear is another finding.
    const expected = [
      ...Object.entries(WRONG).map(([rule, [, , finding]]) =>
        rule === 'order_limits' ? undefined : `${rule} ${finding}`,
      ),
      'fill_quantity well',
    ].filter(finding => finding !== undefined);
    const [limit] = await rows('SELECT id FROM risk_management.risk_limits');
    const all = [...expected, `order_limits large limit ${limit.id}`];
    const services = ['one', 'two', 'three'].map(worker => rig.start({worker, intervals: {...QUICK, validation: 150}}));
    await allReady(services);
    await waitFor('every finding', async () => (await open()).length >= all.length, SYNC_MS);
    await rig.bus.publish('data_sync:trades', '{');
    await waitFor(
      'the rejected message',
      async () => (await open()).includes('bus_not_json data_sync:trades'),
      SYNC_MS,
    );
    expect((await open()).toSorted()).toEqual(['bus_not_json data_sync:trades', ...all].toSorted());
    expect((await findings()).every(row => row.occurrences === 1)).toBe(true);
    expect([...new Set((await findings()).map(row => row.level))].toSorted()).toEqual([
      ...['cross', 'envelope', 'fill', 'order', 'range', 'time', 'type'],
    ]);
    // What somebody settled stays so although it still holds; what is mended is closed, and opened again when it comes back.
    await rig.pool.query(
      `UPDATE data_ingestion.data_quality_logs SET resolved_at = now(), resolved_by = 'ann' WHERE check_name = 'fill_quantity'`,
    );
    for (const [rule, [, mend]] of Object.entries(WRONG)) if (rule !== 'fill_quantity') await rig.pool.query(mend);
    await waitFor(
      'an end of all but the message',
      async () => (await open()).join() === 'bus_not_json data_sync:trades',
      SYNC_MS,
    );
    await rig.pool.query(WRONG.range_bars?.[0] as string);
    await waitFor('it again', async () => (await open()).length === 2, SYNC_MS);
    const again = (await findings()).filter(row => row.occurrences > 1);
    expect(again).toMatchObject([
      {finding: expect.stringMatching(/^range_bars A/), occurrences: 2, open: true, severity: 'critical'},
    ]);
    expect((await rows(sql.statement('verify/data_quality'))).map(row => row.check_name)).toEqual([
      'range_bars',
      'bus_not_json',
    ]);
    for (const service of services) expect(service.trouble()).toBeUndefined();
  });

  test('finds no fault with hostile rows that are none, and none stops it', async () => {
    await rig.pool.query(`ALTER TABLE data_ingestion.market_data DROP CONSTRAINT finite_prices;
      ALTER TABLE execution.trades DROP CONSTRAINT finite_numbers; ${WELL};
      ${bar(4, `close = 'NaN', high = 'NaN'`)};
      UPDATE execution.trades SET price = 'NaN', quantity = 'NaN';
      INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, price)
        VALUES (repeat('o', 100), 'ACC', 'A', 'buy', 'limit', 99999999999.9999, 99999999999.9999), (E'\\x01', 'A', 'A', 'buy', 'market', 1, NULL);
      INSERT INTO data_ingestion.data_quality_logs (check_name, message) SELECT 'gap', 'of the ingestion' FROM generate_series(1, 3)`);
    for (const rule of Object.keys(WRONG)) {
      const {rows: found} = await rig.pool.query(sql.statement(`quality/${rule}`), ['-infinity']);
      const {rows: counts} = await rig.pool.query(sql.statement('sync/quality_findings'), [
        ...[rule, rule.split('_')[0], '2000-01-01'],
        ...['row_key', 'symbol', 'row_at', 'severity', 'expected', 'actual', 'message'].map(name =>
          found.map(row => row[name]),
        ),
      ]);
      expect(counts).toEqual([{opened: found.length, closed: 0}]);
    }
    expect(await open()).toEqual([
      'fill_orders well',
      'fill_quantity well',
      expect.stringMatching(/^order_limits o{100} limit/),
      'range_bars A',
    ]);
  });
});
