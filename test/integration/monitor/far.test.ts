import {afterAll, beforeAll, expect, it} from 'vitest';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import * as pollers from '../../../src/monitor/index.ts';
import type {AnyPoller} from '../../../src/monitor/poller.ts';
import {type Pollers, startPollers} from '../../../src/monitor/run.ts';
import type {Sample} from '../../../src/monitor/sample.ts';
import type {StatementsInfoRow} from '../../../src/monitor/statements.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {ownPostgres} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {manyStatements, monitorPool, NO_REDIS, SETTINGS} from '../../helpers/state/polls.ts';

let server: PostgresServer;
let proxy: FaultProxy;
let trading: Pg;
let loops: Pollers | undefined;

beforeAll(async () => {
  // A server of its own: the statements of every other test are many seconds' worth of such a line.
  server = await ownPostgres();
  const desk = {...server, database: 'trading_system'};
  await setUp({trading: targetOf(desk), prefect: {database: 'prefect', owner: 'prefect'}, sql: loadSql()});
  await manyStatements(targetOf(desk), 4000);
  proxy = await startProxy(server);
  await proxy.set('pass', {latencyMs: 150});
  trading = monitorPool({...targetOf(desk), port: proxy.port});
});
afterAll(async () => {
  await loops?.stop();
  await trading.close();
  await proxy.close();
  await server?.stop();
});

/** Each reading takes some round trips, and a busy machine has other work. */
const LIMIT_MS = 120_000;

// These read other servers.
const ELSEWHERE: readonly AnyPoller[] = [pollers.prefectPoller, pollers.prefectRunsPoller, pollers.redisPoller];

it('reads everything from a server that is 300 ms away and knows thousands of statements, without a failure and on few connections', {
  timeout: 2 * LIMIT_MS,
}, async () => {
  const all = (Object.values(pollers) as readonly AnyPoller[]).filter(poller => !ELSEWHERE.includes(poller));
  const samples = new Map<string, Sample<unknown>[]>();
  loops = startPollers({
    pollers: all,
    io: {trading, prefect: trading, redis: NO_REDIS},
    settings: SETTINGS,
    refreshMs: 2000,
    onSample: (id, sample) => samples.set(id, [...(samples.get(id) ?? []), sample]),
  });
  // The rare ones come once a minute and less.
  const often = all.filter(poller => poller.everyMs <= 2000).flatMap(poller => poller.ids);
  const once = all.flatMap(poller => poller.ids);
  expect(often.length).toBeGreaterThan(8);
  // They come in parts: the first readings have none.
  const counted = (): boolean => {
    const last = samples.get('statements_info')?.at(-1);
    const [row] = last?.ok ? (last.rows as readonly StatementsInfoRow[]) : [];
    return row?.intervalSeconds !== undefined && row.statements > 4000;
  };
  await waitFor(
    'three readings of each, one of the rare ones, and the statements of an interval',
    () => often.every(id => (samples.get(id)?.length ?? 0) >= 3) && once.every(id => samples.has(id)) && counted(),
    LIMIT_MS,
  );
  const failed = [...samples].flatMap(([id, of]) =>
    of.flatMap(sample => (sample.ok ? [] : [[id, sample.failure.message]])),
  );
  expect(failed).toEqual([]);
  expect(proxy.counts().accepted).toBeLessThanOrEqual(4);
});
