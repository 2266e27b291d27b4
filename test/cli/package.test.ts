import {execFile} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {Redis} from 'ioredis';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {envOf, program} from '../helpers/desk/console.ts';
import {cloneDesk} from '../helpers/desk/desk.ts';
import {ownRedis} from '../helpers/servers/servers.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

// A project that has installed the package: the files that `npm pack` takes, and its dependencies.
let project = '';
beforeAll(async () => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'tradetop-package-')));
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'tradetop/dist'), {recursive: true});
  cpSync(join(root, 'package.json'), join(modules, 'tradetop/package.json'));
  cpSync(join(root, 'dist/tradetop-api.js'), join(modules, 'tradetop/dist/tradetop-api.js'));
  cpSync(join(root, 'sql'), join(modules, 'tradetop/sql'), {recursive: true});
  const types = ['pino', 'pino-std-serializers', 'sonic-boom', 'thread-stream', '@pinojs'];
  for (const name of ['@types', 'pg', 'ioredis', 'zod', 'decimal.js', 'undici-types', ...types]) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  await run(process.execPath, [
    tsc,
    '-p',
    join(root, 'src/tsconfig.types.json'),
    '--outDir',
    join(modules, 'tradetop/dist/types'),
  ]);
  writeFileSync(join(project, 'package.json'), '{"type": "module"}');
});
afterAll(() => rmSync(project, {recursive: true, force: true}));

const compile = async (text: string): Promise<string> => {
  writeFileSync(join(project, 'service.ts'), text);
  const flags = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  return await run(process.execPath, [tsc, ...flags, 'service.ts'], {cwd: project}).then(
    () => 'compiled',
    error => String(error.stdout),
  );
};

describe('the package', () => {
  it('lets a TypeScript service publish valid events and use the data layer', async () => {
    const redis = await ownRedis();
    const outcome = await compile(`
      import {durable, OptimisticLockError, publishTrade, STREAM, subscribe, updateWithVersion, withTransaction} from 'tradetop';
      import {Redis} from 'ioredis';
      import type pg from 'pg';
      export const raise = (pool: pg.Pool, id: string, version: number): Promise<unknown> =>
        withTransaction(pool, {isolation: 'serializable'}, tx =>
          updateWithVersion(tx.client, {table: 'risk_management.risk_limits', id, version, set: {limit_value: '1.5'}}));
      export const known: readonly unknown[] = [subscribe, OptimisticLockError, STREAM];
      const redis = new Redis(process.argv[2] as string);
      const trade = {trade_id: 'P-1', account_id: 'ACC-01', symbol: 'AAPL', quantity: '9007199254740993.1', price: 1.5};
      const heard: number = await publishTrade(durable(redis), trade);
      redis.disconnect();
      console.log('heard by', heard);
    `);
    expect(outcome).toBe('compiled');
    const bus = new Redis(redis.url);
    const {stdout} = await run(process.execPath, ['service.js', redis.url], {cwd: project});
    expect(stdout).toMatch(/^heard by \d+\n$/);
    const [[, fields]] = (await bus.call('XRANGE', 'data_sync:stream', '-', '+')) as [[string, string[]]];
    expect(fields[3]).toContain('"quantity": 9007199254740993.1');
    bus.disconnect();
    await redis.stop();
  });

  it('gives a TypeScript service its pools, log, cache and measurement, which the program then shows', async () => {
    const [redis, desk] = await Promise.all([ownRedis(), cloneDesk()]);
    const outcome = await compile(`
      import {
        cached, cacheKeys, createPools, createServiceLog, type DeskEvent, invalidateCached, keysOfEvent, LoadTimeoutError,
        type PerformanceSummary, type PoolHealth, publishMetrics, subscribe, takeCacheCounts, trackQueryPerformance,
      } from 'tradetop';
      const {services, redis, metrics, close} = createPools({
        services: {execution: {max: 2}, risk_management: {}},
        onHealth: ({pool, state}: PoolHealth) => log.logger.debug({pool, state}),
      });
      const log = createServiceLog(services.execution, {service: 'execution', onError: console.error});
      const performance = trackQueryPerformance(services.execution, {service: 'execution', correlationId: log.correlationId});
      await new Promise<void>(resolve => redis.once('ready', () => resolve()));
      const load = async (): Promise<{readonly price: string} | undefined> =>
        (await services.execution.query<{price: string}>('/* mark */ SELECT 189.4321::text AS price')).rows[0];
      await log.withCorrelation('T-1', async () => {
        const options = {key: cacheKeys.mark('AAPL'), ttl: 60_000, load};
        const marks = [await cached(redis, options), await cached(redis, options)];
        log.logger.info({event_type: 'priced', prices: marks.map(mark => mark?.price)}, 'priced');
      });
      const summary: PerformanceSummary = performance.getPerformanceSummary();
      const drop = (event: DeskEvent): Promise<boolean> => invalidateCached(redis, keysOfEvent(event));
      const known: readonly unknown[] = [subscribe, publishMetrics, takeCacheCounts, LoadTimeoutError, drop];
      console.log(summary.execution?.total_queries, metrics().map(({pool, max}) => [pool, max]).join(' '), known.length);
      await Promise.all([log.close(), performance.close()]);
      await close();
    `);
    expect(outcome).toBe('compiled');
    const env = {...process.env, ...envOf(desk, {redis})};
    try {
      const ran = await run(process.execPath, ['service.js'], {cwd: project, env});
      expect(ran).toEqual({stdout: expect.stringMatching(/^\d+ execution,2 risk_management,5 5\n$/), stderr: ''});
      const shown = await run(process.execPath, [program, 'performance', '--service', 'execution', '--json'], {env});
      const {services} = JSON.parse(shown.stdout);
      // The pool's own check is among them.
      expect(services.execution).toMatchObject({
        avg_query_time: expect.any(Number),
        slow_query_count: expect.any(Number),
      });
      expect(services.execution.total_queries).toBeGreaterThanOrEqual(1);
      const missing = await run(process.execPath, [program, 'performance', '--service', 'risk'], {env}).catch(
        error => error,
      );
      expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('These did: execution.')]);
      const snapshot = async () => {
        const args = [program, 'snapshot', '--pane', 'health', '--json', '--cached'];
        const printed = await run(process.execPath, args, {env}).catch(error => error);
        return JSON.parse(printed.stdout).panes.health.rows.find(({name}: {name: string}) => name === 'cache')?.note;
      };
      expect(await snapshot()).toMatch(/^0 % of 3 from the cache, 3 missed/);
      expect(await snapshot()).toMatch(/ % of 3 from the cache/);
      const client = new pg.Client(desk.config);
      await client.connect();
      const {rows} = await client.query('SELECT level, event_type, correlation_id, context FROM logging.system_logs');
      expect(rows).toEqual([
        {level: 'INFO', event_type: 'priced', correlation_id: 'T-1', context: {prices: ['189.4321', '189.4321']}},
      ]);
      await client.end();
    } finally {
      await Promise.all([redis.stop(), desk.drop()]);
    }
  });

  it('makes wrong uses compile errors in a TypeScript service', async () => {
    const outcome = await compile(`
      import {publishTrade} from 'tradetop';
      void publishTrade({publish: async () => 1}, {trade_id: 'P-1', account_id: 'ACC-01', symbol: 'AAPL', quantity: '1'});
    `);
    expect(outcome).toContain("Property 'price' is missing");
  });
});
