import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Pg} from '../../../src/io/pg.ts';
import {analyticsPoller} from '../../../src/monitor/analytics.ts';
import {auditPoller} from '../../../src/monitor/audit.ts';
import {ingestionPoller} from '../../../src/monitor/ingestion.ts';
import {logCountsPoller, logsPoller} from '../../../src/monitor/logs.ts';
import {marketDataPoller} from '../../../src/monitor/market-data.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';
import {monitorPool, readerOf, session} from '../../helpers/state/polls.ts';

let desk: Database;
let admin: pg.Client;
let trading: Pg;

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'admin');
  trading = monitorPool(targetOf(desk));
});
afterAll(async () => {
  await trading?.close();
  await admin?.end();
  await desk?.drop();
});

describe('market data', () => {
  it('has the last bar of each symbol and its own usual interval, one gap more or less', async () => {
    await admin.query(`
      INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
        SELECT 'MIN', date_trunc('second', now()) - n * interval '1 minute' - CASE WHEN n > 5 THEN interval '1 hour' ELSE '0' END, 5, 99, 4, 5 + n, 7 FROM generate_series(1, 20) AS n
         UNION ALL SELECT 'FIVE', now() - n * interval '5 minutes', 5, 5, 5, 5, 7 FROM generate_series(4, 20) AS n
         UNION ALL SELECT 'ONCE', now() - interval '2 days', 5, 5, 5, 5, 7
         UNION ALL SELECT 'OLD', now() - interval '9 days', 5, 5, 5, 5, 7
         UNION ALL SELECT 'AHEAD', now() + n * interval '1 hour' - interval '30 minutes', 5, 5, 5, 5, 7 FROM generate_series(0, 5) AS n;
      INSERT INTO data_ingestion.data_quality_logs (timestamp, symbol, source, check_name, severity, message, resolved_at)
        VALUES (now() - interval '2 hours', 'FIVE', 'vendor-a', 'gap', 'error', 'a gap', NULL),
               (now() - interval '1 hour', 'FIVE', 'vendor-b', 'stale', 'warning', 'stale', NULL),
               (now(), 'FIVE', 'vendor-b', 'outlier', 'critical', 'mended', now()), (now() - interval '2 days', 'FIVE', 'x', 'old', 'critical', 'old', NULL),
               (now(), NULL, 'vendor-a', 'login', 'info', 'new key', NULL)`);
    const {market_data: bars, market_quality: quality} = await readerOf(marketDataPoller, {trading})();
    expect(bars.map(row => [row.symbol, row.intervalSeconds])).toEqual([
      ['AHEAD', undefined],
      ['FIVE', 300],
      ['MIN', 60],
      ['ONCE', undefined],
    ]);
    expect(bars[2]).toMatchObject({close: '6.0000', volume: '7'});
    expect(bars[2]?.ageSeconds).toBeGreaterThanOrEqual(60);
    expect(bars[1]?.ageSeconds).toBeGreaterThanOrEqual(1200);
    expect(quality).toMatchObject([
      {symbol: undefined, findings: 1, severity: 'info'},
      {symbol: 'FIVE', findings: 2, severity: 'error', source: 'vendor-b', checkName: 'stale', message: 'stale'},
    ]);
  });
});

describe('the sources of bars', () => {
  it('are those that are reported, in error first, then by how long their last bar is overdue', async () => {
    await admin.query(`
      INSERT INTO data_ingestion.ingestion_status (source, symbol, last_bar_at, expected_seconds, state, error, checked_at)
        VALUES ('vendor', 'FIVE', now() - interval '10 minutes', 300, 'ok', NULL, now()),
               ('vendor', 'MIN', now() - interval '9 minutes', 60, 'late', NULL, now() - interval '1 minute'),
               ('vendor', E'BAD\\u001b[2J', NULL, 60, 'error', E'HTTP 401\\u001b[2J', now()),
               ('gone', 'MIN', now() - interval '9 days', 60, 'ok', NULL, now() - interval '2 days')`);
    const {ingestion} = await readerOf(ingestionPoller, {trading})();
    expect(ingestion.map(({symbol, state, error}) => [symbol, state, error])).toEqual([
      ['BAD\ufffd{1b}[2J', 'error', 'HTTP 401␛[2J'],
      ['MIN', 'late', undefined],
      ['FIVE', 'ok', undefined],
    ]);
    expect(ingestion[1]?.silentSeconds).toBeGreaterThanOrEqual(60);
    expect(ingestion[2]?.barSeconds).toBeGreaterThanOrEqual(600);
    expect(ingestion[0]).toMatchObject({barSeconds: undefined, lastBarAt: undefined});
  });
});

describe('logs', () => {
  it('are the newest lines, counted by service and level, with what is usual of errors', async () => {
    await admin.query(`
      INSERT INTO logging.system_logs (timestamp, service, level, event_type, message, correlation_id, context)
        SELECT now() - n * interval '1 second', 'execution', 'INFO', 'trade', 'line ' || n, 'T-' || n, NULL::jsonb FROM generate_series(1, 300) AS n
         UNION ALL SELECT now() - interval '11 minutes' - n * interval '1 minute', 'execution', 'ERROR', 'refused', 'e', NULL, NULL FROM generate_series(1, 24) AS n
         UNION ALL SELECT now() - n * interval '10 seconds', 'execution', 'ERROR', 'refused', 'e', 'O-1', '{"a": 1}'::jsonb FROM generate_series(1, 12) AS n
         UNION ALL SELECT now(), 'risk', 'CRITICAL', 'halt', repeat('x', 5000), NULL, NULL;
      INSERT INTO notification.notification_configs (id, name, channel) VALUES (77, 'desk', 'slack');
      INSERT INTO notification.notification_logs (config_id, channel, event_type, severity, subject, status, error, created_at)
        VALUES (77, 'slack', 'x', 'warning', 'failed now', 'failed', 'HTTP 503', now()), (NULL, 'email', 'x', 'info', 'sent', 'sent', NULL, now()),
               (NULL, 'email', 'x', 'info', 'old', 'failed', 'gone', now() - interval '2 days'), (NULL, 'email', 'x', 'info', 'waits', 'pending', NULL, now() - interval '5 s')`);
    const {logs} = await readerOf(logsPoller, {trading})();
    expect(logs).toHaveLength(200);
    expect(logs[0]).toMatchObject({service: 'risk', level: 'CRITICAL'});
    expect(logs[0]?.message).toHaveLength(1000);
    expect(logs.find(row => row.level === 'ERROR')).toMatchObject({correlationId: 'O-1', context: '{"a": 1}'});
    const {log_counts: counts, notifications} = await readerOf(logCountsPoller, {trading})();
    expect(counts.map(row => [row.service, row.level, row.lines, row.lastMinutes, row.hourBefore])).toEqual([
      ['execution', 'ERROR', 12, 12, 24],
      ['execution', 'INFO', 300, 0, 0],
      ['risk', 'CRITICAL', 1, 1, 0],
    ]);
    const ofRisk = counts.find(({service}) => service === 'risk');
    expect(ofRisk).toMatchObject({lastId: logs[0]?.id, lastMessage: logs[0]?.message.slice(0, 200)});
    expect(counts.find(({level}) => level === 'INFO')?.lastId).toBeUndefined();
    expect(notifications).toMatchObject([
      {subject: 'failed now', status: 'failed', error: 'HTTP 503', config: 'desk'},
      {subject: 'waits', status: 'pending', config: undefined},
    ]);
  });
});

describe('the levels of log lines', () => {
  it('of Python’s logging and of syslog are taken in any case, and kept by one name; others are refused', async () => {
    const levels = [
      'notset',
      'Debug',
      'info',
      'NOTICE',
      ' warn ',
      'Warning',
      'err',
      'error',
      'crit',
      'FATAL',
      'alert',
      'emerg',
    ];
    const kept = await admin.query(
      `INSERT INTO logging.system_logs (service, level, message) SELECT 'levels', level, '' FROM unnest($1::text[]) WITH ORDINALITY AS l (level, n) ORDER BY n
       RETURNING level`,
      [levels],
    );
    const [d, i, w, e, c] = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'];
    expect(kept.rows.map(row => row.level)).toEqual([d, d, i, i, w, w, e, e, c, c, c, c]);
    const changed = await admin.query(
      `UPDATE logging.system_logs SET level = 'warn' WHERE service = 'levels' AND level = 'DEBUG' RETURNING level`,
    );
    expect(changed.rows).toEqual([{level: 'WARNING'}, {level: 'WARNING'}]);
    await expect(
      admin.query(`INSERT INTO logging.system_logs (service, level, message) VALUES ('s', 'loud', 'm')`),
    ).rejects.toThrow('valid_level');
  });
});

describe('the audit log', () => {
  it('is read from the newest record on', async () => {
    await admin.query(`
      INSERT INTO shared.audit_log (user_id, operation, target, result, rows, duration_ms, detail)
        VALUES ('anna', 'vacuum-analyze', 'execution.trades', NULL, NULL, NULL, NULL)`);
    await admin.query(`
      INSERT INTO shared.audit_log (user_id, operation, target, result, rows, duration_ms, detail)
        VALUES ('anna', 'vacuum-analyze', 'execution.trades', 'done', 12, 3.5, '{"why": "slow"}')`);
    const {audit} = await readerOf(auditPoller, {trading})();
    expect(audit.map(row => [row.userId, row.operation, row.result, row.rows, row.durationMs])).toEqual([
      ['anna', 'vacuum-analyze', 'done', 12, 3.5],
      ['anna', 'vacuum-analyze', undefined, undefined, undefined],
    ]);
    expect(audit[0]).toMatchObject({detail: '{"why": "slow"}', dbUser: 'postgres', application: 'admin'});
  });
});

describe('analytics', () => {
  it('has the strategies’ days and the accounts; what is not known of a position is not known of its account', async () => {
    await admin.query(`
      INSERT INTO strategy_engine.strategies (name, status) VALUES ('momentum', 'paused');
      INSERT INTO analytics.performance_metrics (strategy, date, total_trades, win_sum, win_count, total_value, realized_pnl)
        VALUES ('momentum', (now() AT TIME ZONE 'UTC')::date, 7, 2, 4, 12345678901234567890.1234, -0.0001), ('(none)', (now() AT TIME ZONE 'UTC')::date, 1, 0, 0, 1, 9),
               ('momentum', (now() AT TIME ZONE 'UTC')::date - 1, 9, 9, 9, 1, 1), ('momentum', '2020-01-01', 9, 9, 9, 1, 1);
      INSERT INTO strategy_engine.strategy_performance (strategy, date, signals, total_trades, realized_pnl)
        VALUES ('momentum', (now() AT TIME ZONE 'UTC')::date - 1, 5, 8, 1.0001);
      INSERT INTO analytics.portfolio_summary (account_id, symbol, total_trades, total_value, realized_pnl, quantity, market_value, unrealized_pnl)
        VALUES ('ACC-01', 'AAPL', 3, 10, 1.5, 2, 20, -1), ('ACC-01', 'MSFT', 3, 10, 1.5, 0, NULL, NULL),
               ('ACC-02', 'AAPL', 3, 10, 1.5, 2, NULL, NULL), ('ACC-02', 'MSFT', 1, 1, 0, 1, 5, 1), ('ACC-03', 'MSFT', 1, 1, 0, NULL, NULL, NULL)`);
    const {performance, portfolio} = await readerOf(analyticsPoller, {trading})();
    expect(performance.map(row => [row.strategy, row.today, row.trades, row.winRate, row.status])).toEqual([
      ['(none)', true, 1, undefined, undefined],
      ['momentum', true, 7, 0.5, 'paused'],
      ['momentum', false, 9, 1, 'paused'],
    ]);
    expect(performance[1]).toMatchObject({totalValue: '12345678901234567890.1234', realizedPnl: '-0.0001'});
    // What the strategy engine reckons of a day stands beside it, where it has a row.
    expect(performance.map(row => [row.signals, row.engineTrades, row.enginePnl])).toEqual([
      [undefined, undefined, undefined],
      [undefined, undefined, undefined],
      [5, 8, '1.0001'],
    ]);
    expect(
      portfolio.map(row => [row.accountId, row.trades, row.positions, row.marketValue, row.unrealizedPnl]),
    ).toEqual([
      ['ACC-01', 6, 1, '20.0000', '-1.0000'],
      ['ACC-02', 4, 2, undefined, undefined],
      ['ACC-03', 1, 0, '0', '0'],
    ]);
  });
});
