import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {createCheckRunner} from '../../../src/app/check-runner.ts';
import {loadConfig} from '../../../src/config/config.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {createStore} from '../../../src/store/store.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {type Database, runSql} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {session} from '../../helpers/state/polls.ts';
import {ABOUT, BUS, stateOf} from '../../helpers/state/screen.ts';

const ends: (() => unknown)[] = [];
let desk: Database;
beforeAll(async () => {
  desk = await cloneDesk();
});
afterAll(async () => {
  for (const end of ends) await end();
  await desk?.drop();
});

/** A runner on a database, and the store that it fills. */
function runnerOn({config: {host, port, user, password, database}}: Database) {
  const config = loadConfig({host, port, user, database}, {TRADING_DB_PASSWORD: password, HOME: '/nonexistent'});
  const {ui, pools} = stateOf();
  const store = createStore({about: ABOUT, ui, bus: () => BUS, pools: () => pools, now: () => Date.now() * 1000});
  // No alert is raised before the database's thresholds were asked for.
  store.record('alert_limits', {ok: true, at: Date.now() * 1000, ms: 1, rows: []});
  const runner = createCheckRunner(config, loadSql(), store);
  ends.push(runner.close, store.close);
  return {runner, store, check: (id: string) => store.now().checks.results.find(result => result.id === id)};
}

describe('checks that run by themselves', () => {
  it('raise an alert with the remedy while one fails, and clear it when it passes', async () => {
    const {runner, store, check} = runnerOn(desk);
    await runner.once();
    expect(check('data_quarantine')).toMatchObject({status: 'pass', everySeconds: 60, failingSince: undefined});
    expect(check('data_orphan_trades')).toBeUndefined();
    await runSql(
      desk.config,
      `INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, status) VALUES ('o', 'A', 'X', 'buy', 'market', 1, 'filled');
       INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason) VALUES ('trades', 't', '{}', 'too large')`,
    );
    await runner.all();
    expect(check('data_order_status')).toMatchObject({status: 'warn', everySeconds: 900, rows: [{order_id: 'o'}]});
    const alert = store.now().alerts.find(({id}) => id === 'check:data_order_status');
    expect(alert).toMatchObject({
      severity: 'warn',
      todo: check('data_order_status')?.remedy,
      row: {pane: 'checks', key: 'data_order_status'},
    });
    const since = check('data_order_status')?.failingSince;
    await runner.all();
    expect(check('data_order_status')?.failingSince).toBe(since);
    await runSql(
      desk.config,
      `DELETE FROM execution.orders WHERE order_id = 'o'; DELETE FROM analytics.sync_quarantine`,
    );
    await runner.all();
    expect(check('data_order_status')?.status).toBe('pass');
    expect(
      store
        .now()
        .alerts.filter(({rule}) => rule === 'check')
        .map(({id}) => id),
    ).not.toContain('check:data_order_status');
  });

  it('run again soon while they find something, so that an alert ends with its cause', async () => {
    const {runner, check} = runnerOn(desk);
    await runSql(
      desk.config,
      `INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason) VALUES ('trades', 't', '{}', 'too large')`,
    );
    runner.start();
    await waitFor('it to be found', () => ['warn', 'fail'].includes(check('data_quarantine_trades')?.status ?? ''));
    await runSql(desk.config, 'DELETE FROM analytics.sync_quarantine');
    // By its own schedule it would run a minute later.
    await waitFor('it to pass', () => check('data_quarantine_trades')?.status === 'pass');
    runner.close();
  });

  it('run one after another on one connection, and leave none behind', async () => {
    const {runner} = runnerOn(desk);
    const admin = await session(targetOf(desk), 'admin');
    ends.push(() => admin.end());
    const connections = async (state: string) =>
      (
        await admin.query(
          `SELECT FROM pg_stat_activity WHERE application_name = 'tradetop verify' AND datname = current_database() AND state LIKE $1`,
          [state],
        )
      ).rowCount ?? 0;
    let most = 0;
    let over = false;
    const runs = Promise.all([runner.once(), runner.all(), runner.once()]).then(() => {
      over = true;
    });
    await waitFor('the end of the runs', async () => {
      most = Math.max(most, await connections('active'));
      return over;
    });
    await runs;
    expect(most).toBeLessThanOrEqual(1);
    await waitFor('no connection', async () => (await connections('%')) === 0);
  });

  it('say why they cannot run, and keep what was known', async () => {
    const {runner, store} = runnerOn({...desk, config: {...desk.config, database: 'no_such_database'}});
    await runner.once();
    expect(store.now().checks).toMatchObject({
      at: undefined,
      results: [],
      error: expect.stringContaining('no_such_database'),
    });
    expect(store.now().unread).toContain('checks');
  });
});
