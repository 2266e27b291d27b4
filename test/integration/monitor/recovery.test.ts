import type pg from 'pg';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import {secret} from '../../../src/core/secret.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {RedisServer} from '../../../src/demo/redis.ts';
import {openRedis, type RedisClient} from '../../../src/io/redis.ts';
import {parseRedisUrl} from '../../../src/io/redis-url.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {SampleId, Samples} from '../../../src/model/state.ts';
import * as all from '../../../src/monitor/index.ts';
import {redisPoller} from '../../../src/monitor/redis.ts';
import {redisIo} from '../../../src/monitor/redis-io.ts';
import {type Pollers, pollOnce, startPollers} from '../../../src/monitor/run.ts';
import type {Sample} from '../../../src/monitor/sample.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {isSetUp} from '../../../src/setup/state.ts';
import {ageAll, holdIn, waitingSamples} from '../../../src/store/samples.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {ownPostgres, ownRedis} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {failureIn, monitorPool, pollerList, readerOf, SETTINGS, session} from '../../helpers/state/polls.ts';

let postgres: PostgresServer;
let bus: RedisServer;
let pgPath: FaultProxy;
let redisPath: FaultProxy;
let admin: pg.Client;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  [postgres, bus] = await Promise.all([ownPostgres(), ownRedis()]);
  await setUp({
    trading: targetOf({...postgres, database: 'trading_system'}),
    prefect: {database: 'prefect', owner: 'prefect'},
    sql: loadSql(),
  });
  pgPath = await startProxy(postgres);
  redisPath = await startProxy(bus);
  admin = await session(targetOf({...postgres, database: 'postgres'}), 'admin');
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await admin?.end().catch(() => {});
  await Promise.all([pgPath?.close(), redisPath?.close()]);
  await Promise.all([postgres?.stop(), bus?.stop()]);
});

const redisClient = (path: {readonly port: number} = redisPath, password = bus.password): RedisClient => {
  const client = openRedis(parseRedisUrl(`redis://127.0.0.1:${path.port}/0`, secret(password)), {
    name: 'tradetop watch',
    offline: 'fail',
  });
  ends.push(() => client.disconnect());
  return client;
};

/** All sources of a console, through paths that the test can break. */
function polling(login: {readonly user?: string; readonly password?: string} = {}) {
  const through = {...postgres, ...login, port: pgPath.port};
  const [trading, prefect] = [
    monitorPool(targetOf({...through, database: 'trading_system'})),
    monitorPool(targetOf({...through, database: 'prefect'})),
  ];
  ends.push(() => Promise.all([trading.close(), prefect.close()]));
  let samples: Samples = waitingSamples();
  const parts = {
    pollers: Object.values(all),
    io: {trading, prefect, redis: redisIo(redisClient())},
    settings: SETTINGS,
    onSample: (id: SampleId, sample: Sample<unknown>) => {
      samples = holdIn(samples, id, sample as never);
    },
  };
  const now = () => ageAll(samples, Date.now() * 1000);
  const ids = Object.keys(samples) as SampleId[];
  return {
    parts,
    now,
    start: (refreshMs = 250): Pollers<SampleId> => {
      const pollers = startPollers({...parts, refreshMs});
      ends.push(() => pollers.stop());
      return pollers;
    },
    /** Waits until every source, except those left out, is as given. */
    all: (what: string, is: (held: Samples[SampleId]) => boolean, but: readonly SampleId[] = []) =>
      waitFor(
        `${what} in every source`,
        () => {
          const not = ids.filter(id => !but.includes(id) && !is(now()[id]));
          if (not.length > 0) throw new Error(not.map(id => `${id} is ${now()[id].state}`).join(', '));
          return true;
        },
        20_000,
      ),
  };
}
const answers = (held: Samples[SampleId]) => held.state === 'ok' || held.state === 'empty';
/** What is read less often than every few seconds: its failure is not known yet. */
const SELDOM = pollerList(all)
  .filter(({everyMs}) => everyMs >= 5000)
  .flatMap(({ids}) => ids as readonly SampleId[]);
const fails = (held: Samples[SampleId]) => held.state === 'down';

describe('all sources of a console', () => {
  it('are read once, with rates, for a snapshot', async () => {
    const {parts, now} = polling();
    await pollOnce({...parts, gapMs: 200});
    expect(Object.entries(now()).filter(([, held]) => !answers(held))).toEqual([]);
    expect(now().server.rows[0]?.tps).toBeGreaterThanOrEqual(0);
    expect(now().statements_info.rows[0]?.intervalSeconds).toBeGreaterThan(0);
    expect(now().prefect.rows[0]).toMatchObject({initialised: false});
    expect(now().redis.rows[0]).toMatchObject({role: 'master', subscribers: 0, evicted: 0});
  });

  it('notice by themselves that a password has been put right', async () => {
    await admin.query("CREATE ROLE late SUPERUSER LOGIN PASSWORD 'another'");
    const desk = polling({user: 'late', password: 'mistyped'});
    desk.start();
    await waitFor('the refusal', () => desk.now().server.failure?.sqlstate === '28P01');
    await admin.query("ALTER ROLE late PASSWORD 'mistyped'");
    await desk.all('rows', answers);
  });

  it('fail with a reason and keep their rows when the servers die, and recover on their own', async () => {
    const desk = polling();
    desk.start();
    await desk.all('rows', answers);
    const before = desk.now().tables.rows;
    await Promise.all([postgres.kill9(), bus.kill9()]);
    await desk.all('a failure', fails, SELDOM);
    expect(desk.now().tables.rows).toBe(before);
    expect(desk.now().server).toMatchObject({
      rows: [{database: 'trading_system'}],
      failure: {why: 'down'},
      retryAt: expect.any(Number),
      failingSince: expect.any(Number),
    });
    expect(desk.now().redis.failure).toMatchObject({why: 'down'});
    await Promise.all([postgres.restart(), bus.restart()]);
    await desk.all('rows again', answers);
    expect(desk.now().server.rows[0]?.restartedAt).toBeGreaterThan(0);
    expect(desk.now().redis.rows[0]?.restartedAt).toBeGreaterThan(0);
    expect(desk.now().server.lastFailure?.failure.why).toBe('down');
    admin = await session(targetOf({...postgres, database: 'postgres'}), 'admin');
  });

  it('notice a path that swallows everything, and recover when it is restored', async () => {
    const desk = polling();
    desk.start();
    await desk.all('rows', answers);
    await Promise.all([pgPath.set('blackhole'), redisPath.set('blackhole')]);
    await desk.all('a failure', fails, SELDOM);
    expect(['timeout', 'down']).toContain(desk.now().server.failure?.why);
    await Promise.all([pgPath.set('pass'), redisPath.set('pass')]);
    await desk.all('rows again', answers);
  });

  it('load the server with two connections, without a transaction or a snapshot left open', async () => {
    const desk = polling();
    desk.start();
    await desk.all('rows', answers);
    const most = {sessions: 0, open: 0, held: 0};
    let seen = 0;
    await waitFor('a hundred looks', async () => {
      const {rows} = await admin.query(
        `SELECT count(*)::int AS sessions, count(*) FILTER (WHERE state LIKE 'idle in%')::int AS open,
                count(*) FILTER (WHERE state = 'idle' AND backend_xmin IS NOT NULL)::int AS held
         FROM pg_stat_activity WHERE application_name = 'tradetop watch'`,
      );
      for (const name of ['sessions', 'open', 'held'] as const) most[name] = Math.max(most[name], rows[0][name]);
      return ++seen >= 100;
    });
    expect(most).toEqual({sessions: 2, open: 0, held: 0});
  });

  it('end cleanly: no reading follows, no connection stays', async () => {
    const desk = polling();
    const pollers = desk.start();
    await desk.all('rows', answers);
    await pollers.stop();
    await Promise.all([desk.parts.io.trading, desk.parts.io.prefect].map(io => io.close()));
    await waitFor('no session', async () => {
      const {rows} = await admin.query(`SELECT FROM pg_stat_activity WHERE application_name = 'tradetop watch'`);
      return rows.length === 0;
    });
  });
});

describe('a role without rights', () => {
  it('is denied each source separately', async () => {
    await admin.query(
      `CREATE ROLE nobody_here LOGIN PASSWORD 'p'; GRANT CONNECT ON DATABASE trading_system TO nobody_here`,
    );
    const trading = monitorPool(targetOf({...postgres, database: 'trading_system'}, 'nobody_here', 'p'));
    const other = await session(targetOf({...postgres, database: 'trading_system'}), 'other');
    ends.push(() => Promise.all([trading.close(), other.end()]));
    // The console starts all the same: what is denied it says pane by pane.
    expect(await isSetUp(trading)).toBe(true);
    const states: Record<string, string> = {};
    await pollOnce({
      pollers: pollerList(all).filter(p => !p.ids.some(id => /^(?:redis|prefect)/.test(id))),
      io: {trading, prefect: trading, redis: redisIo(redisClient())},
      settings: SETTINGS,
      gapMs: 10,
      onSample: (id, sample) => {
        states[id] = sample.ok ? 'ok' : sample.failure.why;
      },
    });
    const ids = (why: string) => Object.keys(states).filter(id => states[id] === why);
    // What the catalogue and the views for everybody tell.
    const forAll = [
      ...['server', 'counters', 'io', 'settings', 'settings_changed', 'receivers', 'slots', 'blockers'],
      ...['tables', 'progress', 'indexes', 'partitions', 'bloat', 'disk'],
    ];
    expect(ids('ok').toSorted()).toEqual(forAll.toSorted());
    expect(ids('denied').length).toBe(Object.keys(states).length - forAll.length);
  });
});

describe('Redis', () => {
  const read = (client: RedisClient) => readerOf(redisPoller, {redis: redisIo(client)});

  it('is read with the subscribers of the desk’s channels', async () => {
    const [client, subscriber] = [redisClient(), redisClient()];
    const once = read(client);
    await waitFor('a connection', () => client.status === 'ready' && subscriber.status === 'ready');
    await subscriber.subscribe('data_sync:trades', 'data_sync:positions', 'elsewhere');
    await subscriber.psubscribe('data_sync:*');
    expect((await once()).redis[0]).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      role: 'master',
      subscribers: 3,
    });
  });

  it('gives the connection’s own reason when Redis refuses it', async () => {
    const client = redisClient(redisPath, 'wrong');
    const once = read(client);
    const failure = await waitFor('a refusal', async () => {
      const found = await failureIn(once());
      return found.why !== 'down' && found;
    });
    expect(failure).toMatchObject({why: 'denied', next: expect.stringContaining('REDIS_URL')});
    expect(failure.message).toContain('WRONGPASS');
  });

  it('gives the connection’s own reason when nothing listens', async () => {
    const client = redisClient({port: 1});
    const once = read(client);
    const failure = await waitFor('the reason', async () => {
      const found = await failureIn(once());
      return found.message.includes('ECONNREFUSED') && found;
    });
    expect(failure.why).toBe('down');
  });

  it('names a command that is denied to our user', async () => {
    const owner = redisClient();
    await waitFor('a connection', () => owner.status === 'ready');
    await owner.call('ACL', 'SETUSER', 'meek', 'on', '>p', '+ping', '+hello', '+auth', '+client');
    const client = openRedis(parseRedisUrl(`redis://meek:p@127.0.0.1:${bus.port}/0`), {name: 'x', offline: 'fail'});
    ends.push(() => client.disconnect());
    const once = read(client);
    const failure = await waitFor('a refusal', async () => {
      const found = await failureIn(once());
      return found.why === 'denied' && found;
    });
    expect(failure.message).toContain('NOPERM');
  });
});
