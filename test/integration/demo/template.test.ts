import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import pg from 'pg';
import {afterAll, afterEach, describe, expect, it} from 'vitest';
import {type PostgresServer, startPostgres} from '../../../src/demo/postgres.ts';
import {openTemplates, templateKey} from '../../../src/demo/template.ts';

const base = mkdtempSync(join(tmpdir(), 'tradetop-templates-'));
const servers: PostgresServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop('immediate')));
});
afterAll(() => rmSync(base, {recursive: true, force: true}));

async function start(options: Parameters<typeof startPostgres>[0] = {}): Promise<PostgresServer> {
  const server = await startPostgres(options);
  servers.push(server);
  return server;
}

async function ask(server: PostgresServer, text: string): Promise<readonly unknown[]> {
  const {host, port, user, password} = server;
  const client = new pg.Client({host, port, user, password, database: 'postgres'});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('a kept cluster', () => {
  it('is what the next one begins with; two that keep at once leave one, and nothing half', async () => {
    const [one, other] = [openTemplates(base, 'k1'), openTemplates(base, 'k1')];
    expect(await one.find()).toBeUndefined();
    const first = await start();
    expect(first.fromTemplate).toBe(false);
    await ask(first, 'CREATE TABLE kept AS SELECT 42 AS n');
    mkdirSync(join(base, 'old-release'));
    await first.whileStopped(async dir => {
      await Promise.all([one.keep(dir, first.password), other.keep(dir, first.password)]);
    });
    expect(await ask(first, 'SELECT n FROM kept')).toEqual([{n: 42}]);
    expect(readdirSync(base)).toEqual(['k1']);
    const template = await one.find();
    const [second, third] = await Promise.all([start({template}), start({template})]);
    for (const server of [second, third]) {
      expect(server.fromTemplate).toBe(true);
      expect(await ask(server, 'SELECT n FROM kept')).toEqual([{n: 42}]);
    }
    await ask(second, 'DROP TABLE kept');
    expect(await ask(third, 'SELECT n FROM kept')).toEqual([{n: 42}]);
  });

  it('is made anew where it is broken, gone or cannot be kept', async () => {
    const template = {dataDir: join(base, 'nowhere'), password: 'x'};
    const server = await start({template});
    expect(server.fromTemplate).toBe(false);
    expect(await ask(server, 'SELECT 1 AS n')).toEqual([{n: 1}]);
    const nowhere = openTemplates(undefined, 'k2');
    await nowhere.keep('/nowhere', 'x');
    expect(await nowhere.find()).toBeUndefined();
    const closed = openTemplates('/proc', 'k2');
    await closed.keep('/nowhere', 'x');
    expect(await closed.find()).toBeUndefined();
    // A copy that was killed half way has another name.
    const half = openTemplates(base, 'k3');
    mkdirSync(join(base, 'half-1-k3', 'data'), {recursive: true});
    expect(await half.find()).toBeUndefined();
    rmSync(join(base, 'half-1-k3'), {recursive: true});
  });

  it('has another key with another schema, program or setting', async () => {
    const sql = join(base, 'sql');
    mkdirSync(sql);
    writeFileSync(join(sql, 'a.sql'), 'SELECT 1');
    const program = join(base, 'program');
    writeFileSync(program, '');
    const key = () => templateKey(['1'], sql, program);
    const first = await key();
    expect(await key()).toBe(first);
    expect(await templateKey(['2'], sql, program)).not.toBe(first);
    writeFileSync(join(sql, 'a.sql'), 'SELECT 2');
    const second = await key();
    expect(second).not.toBe(first);
    execFileSync('touch', ['-d', '2001-01-01', program]);
    chmodSync(program, 0o755);
    expect(await key()).not.toBe(second);
    for (const name of ['sql', 'program']) rmSync(join(base, name), {recursive: true});
  });
});
