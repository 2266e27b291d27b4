import {randomBytes} from 'node:crypto';
import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Pg} from '../../../src/io/pg.ts';
import {blockersPoller} from '../../../src/monitor/blockers.ts';
import {notificationsFailedPoller} from '../../../src/monitor/notifications-failed.ts';
import {settingsChangedPoller} from '../../../src/monitor/settings-changed.ts';
import {systemSettingsPoller} from '../../../src/monitor/system-settings.ts';
import {unfilledPoller} from '../../../src/monitor/unfilled.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {type Database, runSql} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {monitorPool, readerOf, session} from '../../helpers/state/polls.ts';

let desk: Database;
let admin: pg.Client;
let trading: Pg;
const role = `r_${randomBytes(6).toString('hex')}`;

beforeAll(async () => {
  desk = await cloneDesk();
  admin = await session(targetOf(desk), 'admin');
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p' IN ROLE tradetop_monitor`);
  await admin.query(`GRANT CONNECT ON DATABASE ${desk.name} TO ${role}`);
  trading = monitorPool(targetOf(desk, role, 'p'));
});
afterAll(async () => {
  await Promise.all([trading?.close(), admin?.end()]);
  await desk?.drop();
  await runSql({...desk.config, database: 'postgres'}, `DROP ROLE ${role}`);
});

describe('the sources of alerts, as the monitor reads them', () => {
  it('name the root of a blocking tree, with all that wait for it', async () => {
    const names = ['root', 'first', 'second', 'aside'];
    const clients = await Promise.all(names.map(name => session(targetOf(desk), name)));
    const [root, first, second, aside] = clients as [pg.Client, pg.Client, pg.Client, pg.Client];
    await admin.query(`
      CREATE TABLE public.held (id int PRIMARY KEY, n int);
      INSERT INTO public.held SELECT i, 0 FROM generate_series(1, 3) AS i;`);
    await root.query('BEGIN; UPDATE public.held SET n = 1 WHERE id = 1');
    await first.query('BEGIN; UPDATE public.held SET n = 1 WHERE id = 2');
    await aside.query('BEGIN; UPDATE public.held SET n = 1 WHERE id = 3');
    const works = [
      first.query('UPDATE public.held SET n = 2 WHERE id = 1'),
      second.query('UPDATE public.held SET n = 2 WHERE id = 2'),
    ];
    const read = readerOf(blockersPoller, {trading});
    const {blockers} = await waitFor('both to wait', async () => {
      const rows = await read();
      return rows.blockers[0]?.blocks === 2 && rows.blockers[0].seconds > 0 && rows;
    });
    const pid = (await admin.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'root'`)).rows[0].pid;
    expect(blockers).toHaveLength(1);
    expect(blockers[0]).toMatchObject({
      pid,
      service: 'postgres/root',
      state: 'idle in transaction',
      query: 'BEGIN; UPDATE public.held SET n = 1 WHERE id = 1',
      victims: [expect.any(Number), expect.any(Number)],
    });
    expect(blockers[0]?.stateSeconds).toBeGreaterThanOrEqual(0);
    await root.query('ROLLBACK');
    await works[0];
    await first.query('ROLLBACK');
    await works[1];
    expect((await read()).blockers).toEqual([]);
    await Promise.all(clients.map(client => client.end()));
  });

  it('have the orders that are filled without a trade', async () => {
    await admin.query(`
      INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, status, updated_at)
        SELECT 'O-' || n, 'ACC-01', 'AAPL', 'buy', 'market', 1,
               (ARRAY['filled', 'partially_filled', 'submitted', 'filled']::execution.order_status[])[n],
               now() - n * interval '20 seconds'
          FROM generate_series(1, 4) AS n;
      INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at, trade_type)
        VALUES ('T-4', 'O-4', 'ACC-01', 'AAPL', 1, 10, now(), 'opening');`);
    const {unfilled} = await readerOf(unfilledPoller, {trading})();
    expect(unfilled.map(row => [row.orderId, Math.floor(row.seconds / 20)])).toEqual([
      ['O-2', 2],
      ['O-1', 1],
    ]);
  });

  it('have the market’s hours, right or wrong', async () => {
    const read = readerOf(systemSettingsPoller, {trading});
    expect((await read()).market_hours).toEqual([]);
    const set = (value: string) =>
      admin.query(
        `INSERT INTO shared.system_config (key, value) VALUES ('market.sessions', $1)
           ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value`,
        [value],
      );
    await set('{"timezone": "Mars"}');
    expect((await read()).market_hours).toMatchObject([{hours: undefined, error: /^timezone must be/}]);
    await set('{"timezone": "UTC", "sessions": {"daily": "00:00-24:00"}}');
    expect((await read()).market_hours).toMatchObject([{error: undefined, hours: {days: new Map()}}]);
  });

  it('have the thresholds of the database as they are, however odd, and none that is too long', async () => {
    const read = readerOf(systemSettingsPoller, {trading});
    const set = (value: string) =>
      admin.query(
        `INSERT INTO shared.system_config (key, value) VALUES ('alerts.limits', $1::jsonb)
           ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value`,
        [value],
      );
    expect((await read()).alert_limits).toEqual([]);
    for (const value of ['{"blocked": {"warn": 1e300}}', '[1]', 'null', `${'['.repeat(3000)}${']'.repeat(3000)}`]) {
      await set(value);
      expect((await read()).alert_limits).toEqual([{value: JSON.parse(value)}]);
    }
    await set(JSON.stringify({blocked: {warn: 'x'.repeat(70_000)}}));
    expect((await read()).alert_limits).toEqual([{value: undefined}]);
    await admin.query(`DELETE FROM shared.system_config WHERE key = 'alerts.limits'`);
  });

  it('count the notifications that were not sent, by channel', async () => {
    await admin.query(`
      INSERT INTO notification.notification_logs (channel, event_type, severity, subject, status, error, created_at)
        VALUES ('slack', 'x', 'info', 'x', 'failed', 'HTTP 404', now() - interval '1 minute'),
               ('slack', 'x', 'info', 'x', 'failed', 'HTTP 500', now() - interval '2 minutes'),
               ('slack', 'x', 'info', 'x', 'failed', 'old', now() - interval '2 hours'),
               ('email', 'x', 'info', 'x', 'pending', NULL, now() - interval '2 minutes'),
               ('email', 'x', 'info', 'x', 'pending', NULL, now()),
               ('webhook', 'x', 'info', 'x', 'pending', 'HTTP 503', now() - interval '3 hours'),
               ('webhook', 'x', 'info', 'x', 'pending', NULL, now()),
               ('telegram', 'test', 'info', 'x', 'failed', 'a test', now()),
               ('sms', 'x', 'info', 'x', 'sent', NULL, now())`);
    const {notifications_failed: rows} = await readerOf(notificationsFailedPoller, {trading})();
    expect(rows.map(row => [row.channel, row.failed, row.waiting, row.lastError])).toEqual([
      ['email', 0, 1, undefined],
      ['slack', 2, 0, 'HTTP 404'],
      ['webhook', 0, 1, 'HTTP 503'],
    ]);
  });

  it('read the server’s settings, with nothing changed at first', async () => {
    const read = readerOf(settingsChangedPoller, {trading});
    expect((await read()).settings_changed.filter(row => !row.pendingRestart)).toEqual([]);
    expect((await read()).settings_changed.filter(row => !row.pendingRestart)).toEqual([]);
  });
});
