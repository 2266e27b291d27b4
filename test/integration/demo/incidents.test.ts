import {join} from 'node:path';
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
const messages: KeeperMessage[] = [];

beforeAll(async () => {
  demo = startDemo([join(packageDir(), 'dist', 'tradetop.js'), 'demo-keeper'], {rate: 20}, message =>
    messages.push(message),
  );
  const {env} = await demo.ready;
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

describe('an incident on real servers', () => {
  test('each is tried, and names rules that there are', () => {
    expect(GROUPS.flat().toSorted()).toEqual(INCIDENTS.map(({name}) => name).toSorted());
    const rules = REGISTRY.alerts.map(({id}) => id);
    expect(INCIDENTS.flatMap(({alerts}) => alerts.filter(alert => !rules.includes(alert)))).toEqual([]);
  });

  for (const group of GROUPS) {
    test(`${group.join(', ')}: an alert names the cause, and ends with it`, {timeout: 3 * LIMIT_MS}, async () => {
      const incidents = INCIDENTS.filter(({name}) => (group as readonly string[]).includes(name));
      await toggle(group);
      for (const {name, alerts} of incidents) {
        const [cause] = alerts;
        await waitFor(`an alert ${cause} for ${name}`, () => alertsOf(cause).length > 0, LIMIT_MS);
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
