import {execFileSync, spawn} from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Redis} from 'ioredis';
import pg from 'pg';
import {afterEach, describe, expect, test} from 'vitest';
import {packageBin} from '../../../src/demo/native.ts';
import {clearTempDir, makeOwnedTempDir, sweepOrphans} from '../../../src/demo/orphans.ts';
import {type PostgresServer, startPostgres} from '../../../src/demo/postgres.ts';
import {procsIn} from '../../../src/demo/process.ts';
import {type RedisServer, startRedis} from '../../../src/demo/redis.ts';
import {makeTempDir, tempBases} from '../../../src/demo/temp-dir.ts';
import {leftOf, scratch} from '../../helpers/desk/demo-probe.ts';
import {ownPostgres, ownRedis, ownTempDir} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const isRoot = process.geteuid?.() === 0;
const releases: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});
const later = <T>(value: T, release: (value: T) => unknown): T => {
  releases.push(() => release(value));
  return value;
};

async function ask(server: PostgresServer, sql: string, override: pg.ClientConfig = {}): Promise<readonly unknown[]> {
  const {host, port, user, password} = server;
  const client = new pg.Client({host, port, user, password, database: 'postgres', ssl: false, ...override});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function ping(server: RedisServer, password = server.password): Promise<string> {
  const client = new Redis({
    host: server.host,
    port: server.port,
    password,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  const errors: Error[] = [];
  client.on('error', error => errors.push(error));
  try {
    await client.connect();
    return await client.ping();
  } catch (error) {
    throw errors[0] ?? error;
  } finally {
    client.disconnect();
  }
}

const commandLine = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8');
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('a private PostgreSQL', () => {
  test('answers on loopback and on a socket in its directory, with the settings that the console needs', async () => {
    const server = later(await ownPostgres(), s => s.stop());
    const [row] = await ask(
      server,
      `SELECT current_setting('listen_addresses') AS listens, current_setting('track_io_timing') AS io,
              current_setting('shared_preload_libraries') AS loaded, current_setting('fsync') AS fsync,
              current_setting('timezone') AS zone, current_setting('server_encoding') AS encoding,
              current_setting('client_connection_check_interval') AS checks`,
    );
    expect(row).toEqual({
      listens: '127.0.0.1',
      io: 'on',
      loaded: 'pg_stat_statements',
      fsync: 'off',
      zone: 'UTC',
      encoding: 'UTF8',
      checks: '1s',
    });
    expect(server.majorVersion).toBe(18);
    expect(await ask(server, 'SELECT 1 AS one', {host: server.socketDir})).toEqual([{one: 1}]);
    await ask(server, 'CREATE EXTENSION pg_stat_statements');
    expect(await ask(server, 'SELECT count(*) > 0 AS any FROM pg_stat_statements')).toEqual([{any: true}]);
  });

  test('accepts only its password, which it shows nowhere', async () => {
    const server = later(await ownPostgres(), s => s.stop());
    await expect(ask(server, 'SELECT 1', {password: 'wrong'})).rejects.toMatchObject({code: '28P01'});
    await expect(ask(server, 'SELECT 1', {password: 'wrong', host: server.socketDir})).rejects.toMatchObject({
      code: '28P01',
    });
    expect(readdirSync(join(server.dir, 'pg'))).not.toContain('password');
    expect(commandLine(server.pid)).not.toContain(server.password);
    expect([modeOf(server.socketDir), modeOf(join(server.dir, 'pg', 'server.log'))]).toEqual(['700', '600']);
    expect(modeOf(server.dir)).toBe(isRoot ? '710' : '700');
  });

  test('runs as an ordinary user, also when we are root', async () => {
    const server = later(await ownPostgres(), s => s.stop());
    expect(statSync(join(server.dir, 'pg', 'data', 'postmaster.pid')).uid).not.toBe(0);
  });

  test('keeps its data and port through a kill -9, and stops completely in every mode', async () => {
    const server = later(await ownPostgres(), s => s.stop());
    await ask(server, 'CREATE TABLE kept AS SELECT 42 AS n');
    const before = server.pid;
    await server.kill9();
    await expect(ask(server, 'SELECT 1')).rejects.toMatchObject({code: 'ECONNREFUSED'});
    await server.restart();
    expect(server.pid).not.toBe(before);
    expect(await ask(server, 'SELECT n FROM kept')).toEqual([{n: 42}]);
    for (const mode of ['immediate', 'smart', 'fast'] as const) {
      await server.stop(mode);
      expect((await leftOf(join(server.dir, 'pg'))).procs).toEqual([]);
      await server.restart();
    }
  });

  test('takes settings that override its own, and fsync on request', async () => {
    const server = later(await ownPostgres({fsync: true, settings: {work_mem: '7MB', max_connections: '17'}}), s =>
      s.stop(),
    );
    const sql = `SELECT current_setting('work_mem') AS mem, current_setting('max_connections') AS max,
                        current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS sync`;
    expect(await ask(server, sql)).toEqual([{mem: '7MB', max: '17', fsync: 'on', sync: 'on'}]);
  });

  test('reports why it did not start with the last log lines, and leaves nothing behind', async () => {
    const before = privateDirs();
    const start = startPostgres({settings: {shared_buffers: 'a lot'}});
    await expect(start).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(
        /^PostgreSQL did not start: it ended with 1\. Its last log lines:\n.*shared_buffers/s,
      ),
    });
    expect(privateDirs()).toEqual(before);
  });

  test('refuses a port that is taken, and removes the directory that it made', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const {port} = other.address() as {port: number};
    const before = privateDirs();
    await expect(startPostgres({port})).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken.`);
    await expect(startRedis({port})).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken.`);
    expect(privateDirs()).toEqual(before);
    other.close();
    const server = await startPostgres({port});
    expect(server.port).toBe(port);
    await server.stop();
    expect(await leftOf(server.dir)).toEqual({exists: false, procs: []});
  });

  test('reports an unexpected end', async () => {
    const ends: string[] = [];
    const server = later(await ownPostgres({onExit: why => ends.push(why)}), s => s.stop());
    process.kill(server.pid, 'SIGKILL');
    await expect.poll(() => ends).toEqual(['PostgreSQL ended with SIGKILL']);
    await server.restart();
    await server.stop();
    expect(ends).toHaveLength(1);
  });
});

// Only those of these tests: other programs on the machine may make directories meanwhile.
const privateDirs = (): readonly string[] =>
  tempBases()
    .filter(existsSync)
    .flatMap(base => readdirSync(base).filter(name => /^tradetop-(pg|redis)-/.test(name)));

describe('a private Redis', () => {
  test('accepts only its password, which no command line shows', async () => {
    const server = later(await ownRedis(), s => s.stop());
    expect(await ping(server)).toBe('PONG');
    await expect(ping(server, 'wrong')).rejects.toThrow(/WRONGPASS/);
    expect(commandLine(server.pid)).not.toContain(server.password);
    expect(modeOf(join(server.dir, 'redis', 'redis.conf'))).toBe('600');
    const client = later(new Redis(server.url), c => c.disconnect());
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
  });

  test('loses its data at a restart, and keeps it on request', async () => {
    const [plain, durable] = await Promise.all([
      ownRedis(),
      ownRedis({extra: ['appendonly yes', 'appendfsync always']}),
    ]);
    later(plain, s => s.stop());
    later(durable, s => s.stop());
    for (const [server, kept] of [
      [plain, null],
      [durable, 'here'],
    ] as const) {
      const write = new Redis(server.url);
      await write.set('k', 'here');
      write.disconnect();
      await server.kill9();
      await server.restart();
      const read = new Redis(server.url);
      expect(await read.get('k')).toBe(kept);
      read.disconnect();
    }
  });

  test('reports why it did not start', async () => {
    const start = ownRedis({extra: ['no-such-setting 1']});
    await expect(start).rejects.toThrow(
      /^Redis did not start: it ended with 1\. Its last log lines:\n.*no-such-setting/s,
    );
  });
});

describe('the private directory', () => {
  test('is made where the path of a Unix socket fits, or reports the fault of every other directory', async () => {
    const {dir, remove} = later(scratch(), s => s.remove());
    const long = join(dir, 'x'.repeat(90));
    const odd = join(dir, 'a, b');
    const tempDir = later(await makeTempDir('tradetop-p-', [long, odd, '/proc/nonexistent', dir]), p =>
      clearTempDir(p.dir),
    );
    expect(dirname(tempDir.dir)).toBe(dir);
    await expect(makeTempDir('tradetop-p-', [long, odd, '/proc/nonexistent'])).rejects.toThrow(
      `No directory can be used for private servers (${long}: too long for a Unix socket; ${odd}: not a plain absolute path; ` +
        '/proc/nonexistent: not a directory that we may enter).',
    );
    remove();
  });

  test('is cleared with all its processes when its owner is dead, and only then', async () => {
    const {dir} = later(scratch(), s => s.remove());
    const mine = later(await makeOwnedTempDir('tradetop-s-', [dir]), p => clearTempDir(p.dir));
    const orphan = await makeOwnedTempDir('tradetop-s-', [dir], {pid: process.pid, start: 'an earlier process'});
    const [postgres, redis] = await Promise.all([startPostgres({tempDir: orphan}), startRedis({tempDir: orphan})]);
    const service = spawn('sleep', ['600'], {cwd: orphan.dir, stdio: 'ignore'});
    expect((await leftOf(orphan.dir)).procs.map(proc => proc.pid)).toEqual(
      expect.arrayContaining([postgres.pid, redis.pid, service.pid]),
    );
    expect(await sweepOrphans('tradetop-s-', [dir])).toEqual([orphan.dir]);
    expect(await leftOf(orphan.dir)).toEqual({exists: false, procs: []});
    expect((await leftOf(mine.dir)).exists).toBe(true);
  });

  test('that names no owner is left alone while it is young or a process works in it', async () => {
    const {dir} = later(scratch(), s => s.remove());
    const [young, inUse, old] = await Promise.all([1, 2, 3].map(() => makeTempDir('tradetop-s-', [dir])));
    if (!young || !inUse || !old) throw new Error('expected three directories');
    const sleeper = later(spawn('sleep', ['600'], {cwd: inUse.dir, stdio: 'ignore'}), c => c.kill('SIGKILL'));
    await waitFor('a process in the directory', async () => (await procsIn(inUse.dir)).length === 1);
    const longAgo = new Date(Date.now() - 120_000);
    for (const tempDir of [inUse, old]) utimesSync(tempDir.dir, longAgo, longAgo);
    expect(await sweepOrphans('tradetop-s-', [dir])).toEqual([old.dir]);
    expect([(await leftOf(young.dir)).exists, sleeper.exitCode, sleeper.signalCode]).toEqual([true, null, null]);
  });

  test('of a single server that was killed with its owner is cleared by the next single server', async () => {
    const orphan = await makeOwnedTempDir('tradetop-redis-', undefined, {
      pid: process.pid,
      start: 'an earlier process',
    });
    await startRedis({tempDir: orphan});
    const next = later(await startRedis(), s => s.stop());
    expect(await leftOf(orphan.dir)).toEqual({exists: false, procs: []});
    expect(next.dir).not.toBe(orphan.dir);
  });

  test('leaves no System V shared memory of a killed PostgreSQL', async () => {
    const tempDir = await ownTempDir();
    const server = await startPostgres({tempDir});
    const file = join(tempDir.dir, 'pg', 'data', 'postmaster.pid');
    const id = readFileSync(file, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1] as string;
    const there = () =>
      readFileSync('/proc/sysvipc/shm', 'utf8')
        .split('\n')
        .some(line => line.trim().split(/\s+/)[1] === id);
    expect(there()).toBe(true);
    process.kill(server.pid, 'SIGKILL');
    expect(await clearTempDir(tempDir.dir)).toBe(true);
    expect(there()).toBe(false);
  });
});

describe('the packaged programs', () => {
  const native = dirname(packageBin());
  const copyOf = (to: string, keepLinks: boolean): string => {
    cpSync(native, to, {recursive: true, verbatimSymlinks: true});
    if (!keepLinks) {
      for (const name of readdirSync(join(to, 'lib'))) {
        if (lstatSync(join(to, 'lib', name)).isSymbolicLink()) unlinkSync(join(to, 'lib', name));
      }
    }
    return join(to, 'bin');
  };

  test('run even if the script that makes the libraries’ short names never ran', async () => {
    const {dir} = later(scratch(), s => s.remove());
    const bin = copyOf(join(dir, 'native'), false);
    const server = later(await ownPostgres({binDir: bin}), s => s.stop());
    expect(await ask(server, 'SELECT 1 AS one')).toEqual([{one: 1}]);
    expect(lstatSync(join(dir, 'native', 'lib', 'libpq.so.5')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(server.dir, 'native'))).toBe(false);
  });

  test.runIf(isRoot)('run from a directory that only root may enter, as after a clone into /root', async () => {
    const {dir} = later(scratch(), s => s.remove());
    chmodSync(dir, 0o700);
    const bin = copyOf(join(dir, 'native'), false);
    rmSync(join(dir, 'native', 'lib', 'libpq.so.5'), {force: true});
    const server = await ownPostgres({binDir: bin});
    expect(await ask(server, 'SELECT 1 AS one')).toEqual([{one: 1}]);
    expect(existsSync(join(server.dir, 'native', 'bin', 'postgres'))).toBe(true);
    await server.stop();
    await clearTempDir(server.dir);
    // The files that were linked into the private directory are unchanged.
    expect(statSync(join(bin, 'postgres')).size).toBe(statSync(join(native, 'bin', 'postgres')).size);
    expect(statSync(join(bin, 'postgres')).uid).toBe(0);
  });

  test('are named when they do not run', async () => {
    const {dir} = later(scratch(), s => s.remove());
    await expect(ownPostgres({binDir: join(dir, 'bin')})).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(`The PostgreSQL in ${join(dir, 'bin')} does not run here`),
    });
  });

  test.runIf(isRoot && existsSync('/usr/bin/setpriv'))('run for an ordinary user, as that user', () => {
    const script = fileURLToPath(new URL('../../helpers/servers/both-servers.ts', import.meta.url));
    const as = ['--reuid', 'nobody', '--regid', 'nogroup', '--clear-groups'];
    const env = {PATH: process.env.PATH, TMPDIR: '/tmp'};
    const said = execFileSync('setpriv', [...as, process.execPath, script], {encoding: 'utf8', cwd: '/', env});
    const {uid, rows, pong, mode, left} = JSON.parse(said);
    expect({rows, pong, mode, left}).toEqual({
      rows: [{superuser: 'postgres'}],
      pong: 'PONG',
      mode: '700',
      left: {exists: false, procs: []},
    });
    expect(uid).toBe(Number(execFileSync('id', ['-u', 'nobody'], {encoding: 'utf8'})));
  });
});
