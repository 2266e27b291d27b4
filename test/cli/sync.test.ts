import {randomBytes} from 'node:crypto';
import {createServer} from 'node:net';
import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import type {RedisServer} from '../../src/demo/redis.ts';
import {program} from '../helpers/desk/console.ts';
import {cloneDesk} from '../helpers/desk/desk.ts';
import {deskTrades, tradeMessage} from '../helpers/desk/desk-trades.ts';
import {type SyncChild, spawnSync} from '../helpers/desk/sync-child.ts';
import {type FaultProxy, startProxy} from '../helpers/servers/proxy.ts';
import {type Database, ownRedis} from '../helpers/servers/servers.ts';
import {waitFor} from '../helpers/servers/wait.ts';

let redis: RedisServer;
let desk: Database;
let toPg: FaultProxy;
let toRedis: FaultProxy;
let bus: Redis;
let pool: pg.Pool;
let child: SyncChild | undefined;

beforeAll(async () => {
  redis = await ownRedis();
  desk = await cloneDesk();
  [toPg, toRedis] = await Promise.all([startProxy(desk.config), startProxy(redis)]);
  pool = new pg.Pool({...desk.config, max: 1});
  pool.on('error', () => {});
  bus = new Redis(redis.url);
  bus.on('error', () => {});
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await child?.ended;
  await Promise.all([toPg.set('pass'), toRedis.set('pass')]);
});
afterAll(async () => {
  bus.disconnect();
  await pool.end();
  await Promise.all([toPg.close(), toRedis.close()]);
  await desk.drop();
  await redis.stop();
});

const proxied = (): string => redis.url.replace(`:${redis.port}/`, `:${toRedis.port}/`);
const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}, url = proxied()): SyncChild => {
  child = spawnSync(desk, toPg.port, url, args, {env, cli: program});
  return child;
};
const lines = (): readonly Record<string, unknown>[] =>
  (child?.log() ?? '')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
const said = (what: string, which: (line: Record<string, unknown>) => boolean) =>
  waitFor(what, () => lines().find(which), 30_000);

describe('with wrong passwords', () => {
  test.each(['pubsub', 'streams'])(
    'it says what is wrong and waits, and no line and no figure has a password in it: %s',
    {
      timeout: 60_000,
    },
    async mode => {
      const [wrongPg, wrongRedis] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
      const url = proxied().replace(redis.password, wrongRedis);
      start(
        ['--mode', mode, '--worker', 'one', '--metrics', '0'],
        {TRADING_DB_USER: 'tradetop_sync', TRADING_DB_PASSWORD: wrongPg},
        url,
      );
      await said('the refusal of Redis', line => line.msg === 'bus' && /WRONGPASS/.test(String(line.error)));
      const refused = await said('the refusal of PostgreSQL', line => line.task === 'heartbeat');
      expect(refused).toMatchObject({level: 40, error: expect.stringContaining('tradetop_sync')});
      const {metrics} = await said('its address', line => line.msg === 'started');
      const ask = async (path: string) => (await fetch(`http://127.0.0.1:${metrics}${path}`)).text();
      const seen = [await ask('/metrics'), await ask('/healthz')];
      expect(seen[1]).toMatch(/WRONGPASS/);
      child?.kill('SIGTERM');
      expect(await child?.ended).toBe(0);
      for (const text of [child?.log(), ...seen]) {
        for (const secret of [wrongPg, wrongRedis, redis.password, desk.config.password])
          expect(text).not.toContain(secret);
      }
      for (const line of lines())
        expect(line).toMatchObject({level: expect.any(Number), time: expect.any(String), msg: expect.any(String)});
    },
  );

  test('a malformed URL is not shown with its password', async () => {
    start([], {}, 'redis://default:sesame open@[::1');
    expect(await child?.ended).toBe(2);
    expect(child?.log()).not.toContain('sesame');
  });
});

test('its metrics have the alerts, read beside its work', async () => {
  start(['--metrics', '0']);
  const {metrics} = await said('its address', line => line.msg === 'started');
  const text = await waitFor(
    'the alerts',
    async () => {
      const answer = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
      return /^tradetop_alerts_unknown 0$/m.test(answer) && answer;
    },
    60_000,
  );
  expect(text).toMatch(/^# HELP tradetop_alert 1 for each alert/m);
  child?.kill('SIGTERM');
  expect(await child?.ended).toBe(0);
});

describe('asked to end', () => {
  const asked = async (): Promise<{code: unknown; last: Record<string, unknown>}> => {
    let code: unknown;
    child?.kill('SIGTERM');
    void child?.ended.then(ended => {
      code = ended;
    });
    await waitFor('it to be gone', () => code !== undefined, 10_000);
    return {code, last: lines().at(-1) ?? {}};
  };

  test.each([
    ['away', 'refuse'],
    ['on dead paths', 'blackhole'],
  ] as const)(
    'with both servers %s and nothing in hand, it is gone and says that nothing is left',
    {
      timeout: 60_000,
    },
    async (_how, fault) => {
      start(['--worker', 'two']);
      await said('the first gap', line => line.msg === 'gaps' && line.open === 0);
      await Promise.all([toPg.set(fault), toRedis.set(fault)]);
      await said('the loss', line => line.msg === 'bus' && line.state === 'down');
      const {code, last} = await asked();
      expect({code, last}).toMatchObject({code: 0, last: {msg: 'stopped', drained: true, left: {trades: 0}}});
    },
  );

  test.each(['pubsub', 'streams'])(
    'with events that the database does not take, it is gone within 10 s and says how many: %s',
    {
      timeout: 60_000,
    },
    async mode => {
      start(['--worker', 'three', '--mode', mode]);
      await said('the first gap', line => line.msg === 'gaps' && line.open === 0);
      await Promise.all([toPg.set('blackhole')]);
      const line = bus.pipeline();
      for (const trade of deskTrades(7)) {
        line.publish('data_sync:trades', tradeMessage(trade));
        if (mode === 'streams')
          line.xadd('data_sync:stream', '*', 'channel', 'data_sync:trades', 'event', tradeMessage(trade));
      }
      await line.exec();
      // In streams they are pending once they were given; by Pub/Sub the PING behind them brings the proof.
      await said('a sign of the dead path', each => each.task === 'heartbeat' || each.msg === 'batch not committed');
      await toRedis.set('blackhole');
      const {code, last} = await asked();
      expect({code, last}).toMatchObject({code: 1, last: {msg: 'stopped', drained: false}});
      // Redis keeps what it has not read yet.
      const {trades} = last.left as {trades: number};
      expect(trades).toBeGreaterThanOrEqual(mode === 'pubsub' ? 7 : 1);
    },
  );
});

describe('with wrong flags', () => {
  const refused = async (...args: readonly string[]): Promise<string> => {
    start(args);
    expect(await child?.ended).toBe(2);
    return child?.log() ?? '';
  };

  test('it reports what is wrong and what to give', async () => {
    expect(await refused('--worker', 'w'.repeat(200))).toBe(
      `tradetop: --worker ${'w'.repeat(39)}… is not a name.\n  Give 1 to 100 printable characters; workers that run at the same time need different names.\n`,
    );
    expect(await refused('--worker', 'a\u001bb')).toMatch(/is not a name/);
    expect(await refused('--mode', 'queue')).toBe(
      'tradetop: There is no mode queue.\n  --mode pubsub, or --mode streams.\n',
    );
    expect(await refused('--metrics', '70000')).toMatch(/^tradetop: --metrics 70000 is not a port\.\n/);
    expect(await refused('--metrics', 'many')).toMatch(/^tradetop: .*metrics/);
  });

  test('a port that is in use, or an address of another host, ends it before it starts', async () => {
    const taken = createServer();
    await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
    const {port} = taken.address() as {port: number};
    expect(await refused('--metrics', String(port))).toMatch(
      new RegExp(`^tradetop: Metrics cannot be served on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*\\n  Give another`),
    );
    expect(await refused('--metrics', '0', '--metrics-host', '192.0.2.1')).toMatch(/cannot be served on 192\.0\.2\.1/);
    taken.close();
  });
});
