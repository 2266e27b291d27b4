import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {isoMicros} from '../../../src/core/time.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {keepReport, rerunReport} from '../../../src/report/kept.ts';
import {makeReport} from '../../../src/report/make-report.ts';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';
import {insertRow} from '../../helpers/desk/books-model.ts';
import {clearBooks, closeBooks, keepOpen} from '../../helpers/desk/closings.ts';
import {bareTrade} from '../../helpers/desk/lives.ts';
import {hearTrades, sweepAll} from '../../helpers/desk/settling.ts';
import {violations} from '../../helpers/desk/violations.ts';

const now = new Date();
/** The tenth of the month so many before the current one, and a time of that day. */
const day = (ago: number): string =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 10)).toISOString().slice(0, 10);
const at = (ago: number, time: string): number => Date.parse(`${day(ago)}T${time}Z`) * 1000;

let bench: Bench;
let db: Pg;
let operator: string;
const openAs = (user: string): Pg =>
  openPg(bench.config(user).trading, loadSql(), {name: 'report test', max: 2, statementMs: 60_000});
beforeAll(async () => {
  bench = await makeBench(await newServer[1]());
  operator = await bench.role(['tradetop_operator']);
  db = openAs('postgres');
});
afterAll(async () => {
  await db?.close();
  await bench?.close();
});
beforeEach(async () => {
  await clearBooks(db.pool);
  await bench.admin.query(`TRUNCATE analytics.reports, shared.alert_lives, data_ingestion.market_data,
    data_ingestion.data_quality_logs; DELETE FROM risk_management.risk_events; DELETE FROM shared.system_config`);
});

const trade = (
  tradeId: string,
  side: string,
  ago: number,
  time: string,
  fields: Readonly<Record<string, unknown>> = {},
) => bareTrade({tradeId, side, executedAt: at(ago, time), strategy: 'm', ...fields});
/** Books trades as the desk and the synchroniser do. */
async function book(...trades: readonly ReturnType<typeof trade>[]) {
  for (const t of trades) {
    await insertRow(db.pool, t, true);
    await bench.admin.query("UPDATE execution.orders SET status = 'filled', created_at = $2 WHERE order_id = $1", [
      `o-${t.tradeId}`,
      isoMicros(t.executedAt as number),
    ]);
  }
  await hearTrades(db, ...trades);
  await sweepAll(db);
}
const bar = (symbol: string, ago: number, time: string, close: string) =>
  bench.admin.query(
    `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume) VALUES ($1, $2, $3, $3, $3, $3, 1)`,
    [symbol, isoMicros(at(ago, time)), close],
  );
const FOUR_MONTHS = [
  trade('b1', 'buy', 5, '10:00:00', {quantity: '100', price: '10', commission: '1'}),
  trade('s1', 'sell', 5, '11:00:00', {quantity: '40', price: '30', commission: '0.5', tradeType: 'partial'}),
  trade('b2', 'buy', 5, '12:00:00', {
    quantity: '7',
    price: '3.3333',
    accountId: 'B',
    strategy: 'n',
    symbol: 'ETH/USDT',
  }),
  trade('s2', 'sell', 4, '10:00:00', {quantity: '10', price: '12'}),
];

describe('the report of a day', () => {
  it('has the figures of the ledger by account and strategy, and what was held then at the last bar’s close', async () => {
    await book(...FOUR_MONTHS);
    await bar('IBM', 5, '09:00:00', '1');
    await bar('IBM', 5, '23:59:00', '20');
    await bar('IBM', 4, '00:00:00', '99');
    const {figures, over, kind} = await makeReport(db, {date: day(5)});
    expect([kind, over]).toEqual(['day', true]);
    const [a, b] = figures.accounts;
    // Bought 100 at 10.01 with its commission; 40 were sold at 30 less 0.5.
    expect(a).toMatchObject({
      account: 'A',
      trades: '2',
      turnover: '2200.0000',
      realized_pnl: '799.1000',
      win_rate: '1',
    });
    expect(a).toMatchObject({unrealized_pnl: '599.4000', commission: '1.5000'});
    // Its symbol has no bar: nobody knows what it is worth.
    expect(b).toMatchObject({account: 'B', trades: '1', turnover: '23.3331', win_rate: null, unrealized_pnl: null});
    expect(figures.desk).toMatchObject({trades: '3', realized_pnl: '799.1000', unrealized_pnl: null});
    expect(figures.strategies.map(one => [one.strategy, one.trades])).toEqual([
      ['m', '2'],
      ['n', '1'],
    ]);
    const one = await makeReport(db, {date: day(5), account: 'A', strategy: 'm'});
    expect(one.figures.desk).toMatchObject({trades: '2', unrealized_pnl: null});
    expect((await makeReport(db, {date: day(3)})).figures.desk).toMatchObject({trades: '0', turnover: '0.0000'});
  });

  it('is the same again, by others, after the books were closed and moved; a detached month is said', async () => {
    await keepOpen(db.pool, 3);
    await book(...FOUR_MONTHS);
    await bar('IBM', 5, '23:59:00', '20');
    await bar('ETH/USDT', 5, '23:59:00', '4');
    const before = await makeReport(db, {date: day(5)});
    expect(before.figures.desk.unrealized_pnl).toBe('604.0669');
    const monitor = openAs(await bench.role(['tradetop_monitor']));
    expect((await makeReport(monitor, {date: day(5)})).figures).toEqual(before.figures);
    await monitor.close();
    const gate = bench.gate(operator);
    expect((await closeBooks(gate, day(3).slice(0, 7))).outcome).toBe('done');
    const after = await makeReport(db, {date: day(5)});
    expect(after.figures).toEqual(before.figures);
    expect((await makeReport(db, {date: day(4)})).figures.desk.unrealized_pnl).not.toBeNull();
    await bench.admin.query(`ALTER TABLE analytics.archived_sync_ledger DETACH PARTITION
      analytics.archived_sync_ledger_${day(5).slice(0, 7).replace('-', '_')}`);
    const detached = await makeReport(db, {date: day(5)});
    expect(detached.figures).toMatchObject({detached: '3', desk: {trades: '0'}});
    await expect(keepReport(db.pool, detached, 'me')).rejects.toThrow(
      '3 trades of this span are in months that were detached',
    );
    await bench.admin.query(`DROP TABLE analytics.archived_sync_ledger_${day(5).slice(0, 7).replace('-', '_')}`);
  });

  it('counts in the desk’s time zone, where the setting names one', async () => {
    await book(trade('late', 'buy', 2, '03:00:00'));
    expect((await makeReport(db, {date: day(2)})).figures.desk.trades).toBe('1');
    await bench.admin.query(
      `INSERT INTO shared.system_config (key, value) VALUES ('desk.timezone', '"America/New_York"')`,
    );
    const there = await makeReport(db, {date: day(2)});
    expect([there.figures.desk.trades, there.time_zone]).toEqual(['0', 'America/New_York']);
    await bench.admin.query(`UPDATE shared.system_config SET value = '"Mars/Base"'`);
    await expect(makeReport(db, {date: day(2)})).rejects.toThrow('time zone "Mars/Base" not recognized');
  });
});

describe('a kept report', () => {
  it('stays as it was; a late trade gives the next version, and the check and a re-run say so', async () => {
    await book(...FOUR_MONTHS);
    const pg = openAs(operator);
    const report = await makeReport(pg, {date: day(4), note: 'first'});
    const kept = await keepReport(pg.pool, report, 'me from here');
    expect(kept).toMatchObject({version: 1, isNew: true, versionBefore: null});
    expect(await keepReport(pg.pool, await makeReport(pg, {date: day(4), note: 'first'}), 'me')).toMatchObject({
      id: kept.id,
      isNew: false,
    });
    expect(await keepReport(pg.pool, {...report, note: null}, 'me')).toMatchObject({version: 1, isNew: true});
    const same = await rerunReport(db, kept.id);
    expect(same.now).toEqual(same.report.figures);
    expect(same.report).toEqual(report);
    expect(await violations(db, ['data_reports'])).toEqual([]);

    await book(trade('late', 'buy', 4, '09:00:00', {quantity: '1', price: '50'}));
    expect(await violations(db, ['data_reports'])).toMatchObject([{status: 'warn'}, {status: 'warn'}]);
    const other = await rerunReport(db, kept.id);
    expect(other.report).toEqual(report);
    expect(other.now.digest).not.toBe(report.figures.digest);
    expect(await keepReport(pg.pool, await makeReport(pg, {date: day(4)}), 'me')).toMatchObject({
      version: 2,
      isNew: true,
      versionBefore: 1,
      tradesBefore: '1',
    });
    expect(await violations(db, ['data_reports'])).toEqual([]);
    const audit = await bench.admin.query(
      "SELECT result FROM shared.audit_log WHERE operation = 'keep-report' ORDER BY id",
    );
    expect(audit.rows.map(row => row.result).slice(-2)).toEqual(['started', 'done']);
    await pg.close();
  });

  it('is kept by nobody without the right, and read by the monitor', async () => {
    const monitor = openAs(await bench.role(['tradetop_monitor']));
    const report = await makeReport(monitor, {date: day(1)});
    await expect(keepReport(monitor.pool, report, 'me')).rejects.toThrow(/permission denied|read-only/);
    await expect(rerunReport(monitor, '1')).rejects.toThrow('There is no kept report of that id.');
    await expect(rerunReport(monitor, "1' OR true")).rejects.toThrow('There is no kept report of that id.');
    await monitor.close();
  });
});

describe('a hand-over', () => {
  const lives = (rows: string) =>
    bench.admin.query(`INSERT INTO shared.alert_lives (alert, rule, severity, text, fired_at, last_seen_at, cleared_at, seen_by)
      VALUES ${rows}`);

  it('has alerts with their lives, acts, gaps, quarantine, and what is open', async () => {
    await lives(`('bus_down', 'bus_down', 'crit', 'No bus', now() - interval '1 h', now() - interval '50 m', now() - interval '50 m', 'w'),
      ('blocked:x', 'blocked', 'warn', 'Blocked', now() - interval '1 m', now(), NULL, 'w'),
      ('old', 'old', 'warn', 'Old', now() - interval '9 d', now() - interval '8 d', now() - interval '8 d', 'w'),
      ('unseen', 'unseen', 'warn', 'Unseen', now() - interval '2 h', now() - interval '90 m', NULL, 'w')`);
    await bench.admin.query(`INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason) VALUES ('trades', 't9', '{}', 'too large');
      INSERT INTO analytics.sync_gaps (worker, reason, ended_at) VALUES ('w', 'restart', now() - interval '1 h');
      INSERT INTO risk_management.risk_events (event_type, severity, account_id, observed_value, limit_value, message)
        VALUES ('max_exposure', 'critical', 'A', 120, 100, E'broken\\u001b[31m'), ('order_rejected', 'info', 'A', 5, 100, 'rejected');
      INSERT INTO shared.audit_log (user_id, operation, target, result, detail, correlation_id)
        VALUES ('carol', 'cancel-query', 'pid 7', 'started', NULL, 'c1'),
               ('carol', 'cancel-query', 'pid 7', 'done', '{"reason": "it blocked"}', 'c1')`);
    const report = await makeReport(db, {since: '8h', note: 'watch the bus'});
    const section = (id: string) => report.sections.find(one => one.id === id);
    expect(section('alerts')?.rows.map(row => [row.state, row.alert, row.seconds])).toEqual([
      ['stands', 'blocked:x', '60'],
      ['not watched', 'unseen', '1800'],
      ['cleared', 'bus_down', '600'],
    ]);
    expect(section('acts')?.rows.filter(row => row.operation === 'cancel-query')).toMatchObject([
      {by: 'carol (postgres)', target: 'pid 7', result: 'done', reason: 'it blocked'},
    ]);
    expect(section('open_matters')?.rows.map(row => row.what)).toEqual([
      'alert',
      'alert',
      'risk event',
      'quarantine',
      'gap',
    ]);
    expect(section('limit_events')?.rows).toMatchObject([
      {limit: 'max_exposure', worst_percent: '120.0', critical: '1'},
    ]);
    expect(JSON.stringify(report)).not.toContain('\\u001b');
    expect(report.sections.filter(({failure}) => failure !== null)).toEqual([]);
    expect(report.note).toBe('watch the bus');
  });

  it('says of each part that the user may not read why, and has the others', async () => {
    const role = await bench.role(['svc_analytics']);
    const pg = openAs(role);
    const report = await makeReport(pg, {since: '1h'});
    const denied = report.sections.filter(({failure}) => failure?.why === 'denied').map(({id}) => id);
    expect(denied).toEqual(['open_matters', 'alerts', 'acts', 'slow_queries', 'limits', 'limit_events']);
    await pg.close();
  });
});

describe('the lives of alerts in the database', () => {
  const record = (
    by: string,
    ...alerts: readonly (readonly [id: string, severity: string, age: number, seen?: number])[]
  ) =>
    db.query('app/alert_lives', [
      by,
      alerts.map(([id]) => id),
      alerts.map(([id]) => id),
      alerts.map(() => null),
      alerts.map(([, severity]) => severity),
      alerts.map(([id]) => `text of ${id}`),
      alerts.map(() => null),
      alerts.map(() => null),
      alerts.map(([, , age]) => age),
      alerts.map(([, , , seen = 0]) => seen),
    ]);
  const rows = async () =>
    (
      await bench.admin.query(`SELECT alert, severity, seen_by, round(extract(epoch FROM last_seen_at - fired_at))::int AS seconds,
        cleared_at IS NULL AS stands, cleared_at = last_seen_at AS as_seen FROM shared.alert_lives ORDER BY id`)
    ).rows;
  const pass = (seconds: number) =>
    bench.admin.query(
      `UPDATE shared.alert_lives SET fired_at = fired_at - $1 * interval '1 s', last_seen_at = last_seen_at - $1 * interval '1 s',
       cleared_at = cleared_at - $1 * interval '1 s'`,
      [seconds],
    );

  it('are one each, however many see an alert and however often, and end when nobody sees it any more', async () => {
    await Promise.all([record('a', ['x', 'warn', 10]), record('b', ['x', 'crit', 5]), record('c', ['x', 'warn', 7])]);
    await record('a', ['x', 'warn', 10]);
    expect(await rows()).toMatchObject([{alert: 'x', severity: 'crit', seconds: 10, stands: true}]);
    await pass(25);
    await record('a');
    expect(await rows()).toMatchObject([{stands: true}]);
    await record('b', ['x', 'warn', 30]);
    await pass(31);
    await record('a');
    await record('a');
    expect(await rows()).toMatchObject([{seconds: 35, stands: false, as_seen: true}]);
    await record('b', ['x', 'warn', 0]);
    expect(await rows()).toMatchObject([
      {stands: false},
      {alert: 'x', severity: 'warn', seconds: 0, stands: true, seen_by: 'b'},
    ]);
  });

  it('keep one that came and went while nothing could be written, and go on where nobody watched meanwhile', async () => {
    await record('a', ['gone', 'crit', 100, 60], ['long', 'warn', 50]);
    await record('a', ['long', 'warn', 50]);
    expect(await rows()).toMatchObject([
      {alert: 'gone', seconds: 40, stands: false, as_seen: true},
      {alert: 'long', stands: true},
    ]);
    await pass(300);
    // Its beginning says that it is the same; that of another says that it is not.
    await record('b', ['long', 'warn', 350]);
    expect((await rows()).filter(row => row.alert === 'long')).toMatchObject([{seconds: 350, stands: true}]);
    await pass(300);
    await record('b', ['long', 'warn', 20]);
    expect((await rows()).filter(row => row.alert === 'long').map(row => row.stands)).toEqual([false, true]);
  });
});
