import pg from 'pg';
import {expect, test} from 'vitest';
import {bookTrades, deskTrades} from '../../helpers/desk/desk-trades.ts';
import {slotRigEachTest} from '../../helpers/desk/slot-rig.ts';
import {counted} from '../../helpers/desk/sync-rig.ts';
import {startStandby} from '../../helpers/servers/standby.ts';
import {SYNC_MS} from '../../helpers/servers/timers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const rig = slotRigEachTest();

test('a standby that is promoted has no slot: one is made, and what it did not bring is found', async () => {
  const trades = deskTrades(300);
  const standby = await startStandby(rig.server);
  rig.cleanups.push(standby.stop);
  const before = rig.start();
  await rig.reading(before);
  await bookTrades(rig.pool, trades.slice(0, 100));
  await rig.synced(trades.slice(0, 100));
  await before.stop();
  await bookTrades(rig.pool, trades.slice(100, 200));
  const after = rig.start({trading: {...rig.target, port: standby.port}});
  await waitFor('it to be told', () => /in recovery|standby/.test(after.trouble() ?? ''), SYNC_MS);
  // No commit of the old primary waits for it any more.
  await rig.pool.query(`ALTER SYSTEM SET synchronous_standby_names = ''`);
  await rig.pool.query('SELECT pg_reload_conf()');
  await standby.promote();
  const {user, host, database} = rig.target;
  const pool = new pg.Pool({host, user, database, port: standby.port, password: rig.server.password, ssl: false});
  pool.on('error', () => {});
  rig.cleanups.push(() => pool.end());
  await waitFor('it to be well', () => after.trouble() === undefined, SYNC_MS);
  await bookTrades(pool, trades.slice(200));
  await counted(pool, trades);
  const {rows} = await pool.query('SELECT reason FROM analytics.sync_gaps ORDER BY id');
  expect(rows.map(row => row.reason)).toEqual(['first_start', 'lost']);
});
