import {join} from 'node:path';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type Live, openLive} from '../../../src/app/live.ts';
import {loadConfig} from '../../../src/config/config.ts';
import {INCIDENTS} from '../../../src/demo/incidents/runner.ts';
import type {KeeperMessage} from '../../../src/demo/message.ts';
import {type StartedDemo, startDemo} from '../../../src/demo/start-demo.ts';
import {packageDir} from '../../../src/io/package-dir.ts';
import type {Alert} from '../../../src/model/state.ts';
import {REGISTRY} from '../../../src/registry.ts';
import {scratch} from '../../helpers/desk/demo-probe.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

/** So long an alert may take to name the cause, and to go when that ends. The program's own aims are measured by the drill. */
const LIMIT_MS = 60_000;

/** Incidents that do not hide one another go on at the same time. */
const GROUPS = [
  ['limit-breach', 'position-break', 'slot-leak', 'dead-rows', 'prefect-late', 'error-burst', 'redis-memory'],
  ['lock-pile', 'idle-transaction', 'slow-query'],
  ['pool-full'],
  ['bus-gap'],
  // A symbol is silent by its own usual interval, which the desk has shown by now.
  ['stopped-sync', 'silent-symbol'],
  ['dead-feed'],
] as const;

const home = scratch();
let demo: StartedDemo;
let live: Live;
let env: Readonly<Record<string, string>>;
const messages: KeeperMessage[] = [];

beforeAll(async () => {
  demo = startDemo([join(packageDir(), 'dist', 'tradetop.js'), 'demo-keeper'], {rate: 20}, message =>
    messages.push(message),
  );
  ({env} = await demo.ready);
  const config = loadConfig({}, {...env, TRADETOP_LOG_FILE: join(home.dir, 'console.log')});
  live = await openLive(config, {name: 'tradetop watch', wait: false});
  live.start();
  await waitFor('the desk to trade', () => live.store.get().bus.seen > 20, LIMIT_MS);
  await waitFor('a desk that is well', () => live.store.get().alerts.length === 0, LIMIT_MS);
}, 120_000);

afterAll(async () => {
  await live?.close();
  await demo?.stop();
  home.remove();
}, 60_000);

const alertsOf = (rule: string): readonly Alert[] => live.store.get().alerts.filter(alert => alert.rule === rule);

/** Begins or ends incidents, and waits until that is done. */
async function toggle(names: readonly string[]): Promise<void> {
  const from = messages.length;
  for (const name of names) demo.toggleIncident(name);
  const done = () => messages.slice(from).filter(message => message.kind === 'incident');
  await waitFor(`${names} to begin or end`, () => done().length === names.length, LIMIT_MS);
  expect(done().filter(({phase}) => phase === 'failed')).toEqual([]);
}

/** Runs `use` on two sessions of the service that writes positions. */
async function asExecution(use: (one: pg.Client, other: pg.Client) => Promise<void>): Promise<void> {
  const {host, port, database} = loadConfig({}, env).trading;
  const login = {host, port, database, user: 'svc_execution', password: env.SVC_EXECUTION_PASSWORD};
  const [one, other] = [new pg.Client(login), new pg.Client(login)];
  try {
    await Promise.all([one.connect(), other.connect()]);
    await use(one, other);
  } finally {
    await Promise.all([one.end(), other.end()]);
  }
}

describe('an incident on real servers', () => {
  test('each is tried, and names rules that there are', () => {
    expect(GROUPS.flat().toSorted()).toEqual(INCIDENTS.map(({name}) => name).toSorted());
    const rules = REGISTRY.alerts.map(({id}) => id);
    expect(INCIDENTS.flatMap(({alerts}) => alerts.filter(alert => !rules.includes(alert)))).toEqual([]);
  });

  test('lock-pile begins although the desk changes the same positions meanwhile', {timeout: 3 * LIMIT_MS}, async () => {
    await asExecution(async (desk, other) => {
      await desk.query('BEGIN; UPDATE execution.positions SET last_updated = clock_timestamp()');
      const begun = toggle(['lock-pile']);
      await waitFor('it to wait for the desk', async () => {
        const {rows} = await other.query(
          `SELECT FROM pg_stat_activity WHERE application_name ~ 'position-repair' AND wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      });
      await desk.query('COMMIT');
      await begun;
    });
    await toggle(['lock-pile']);
    await waitFor('its alert to end', () => alertsOf('blocked').length === 0, LIMIT_MS);
  });

  for (const group of GROUPS) {
    test(`${group.join(', ')}: an alert names the cause, and ends with it`, {timeout: 3 * LIMIT_MS}, async () => {
      const incidents = INCIDENTS.filter(({name}) => (group as readonly string[]).includes(name));
      await toggle(group);
      for (const {name, alerts} of incidents) {
        const [cause] = alerts;
        // The cause wants attention itself, and leads to its row.
        const isTold = ({causedBy, row}: Alert) => causedBy === undefined && row !== undefined;
        await waitFor(`an alert ${cause} with its row for ${name}`, () => alertsOf(cause).some(isTold), LIMIT_MS);
      }
      await toggle(group);
      for (const {name, alerts} of incidents) {
        await waitFor(
          `the alerts of ${name} to end`,
          () => alerts.every(rule => alertsOf(rule).length === 0),
          LIMIT_MS,
        );
      }
    });
  }
});
