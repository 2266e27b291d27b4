import {execFile} from 'node:child_process';
import {cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {Redis} from 'ioredis';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
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
  for (const name of ['@types', 'pg', 'ioredis', 'zod', 'decimal.js', 'undici-types']) {
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

  it('makes wrong uses compile errors in a TypeScript service', async () => {
    const outcome = await compile(`
      import {publishTrade} from 'tradetop';
      void publishTrade({publish: async () => 1}, {trade_id: 'P-1', account_id: 'ACC-01', symbol: 'AAPL', quantity: '1'});
    `);
    expect(outcome).toContain("Property 'price' is missing");
  });
});
