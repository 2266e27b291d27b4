import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {PostgresServer} from '../../src/demo/postgres.ts';
import {loadSql} from '../../src/io/sql.ts';
import {setUp} from '../../src/setup/setup.ts';
import {targetOf} from '../helpers/desk/desk.ts';
import {dumpServer} from '../helpers/servers/client-tools.ts';
import {ownPostgres} from '../helpers/servers/servers.ts';
import {waitFor} from '../helpers/servers/wait.ts';

const program = fileURLToPath(new URL('../../dist/tradetop.js', import.meta.url));
const usable = await dumpServer();
const why = typeof usable === 'string' ? usable : '';
const scratchDir = mkdtempSync(join(tmpdir(), 'tradetop-backups-'));
let server: PostgresServer;
let client: pg.Client;

type Run = {readonly child: ChildProcess; readonly ended: Promise<Ended>};
type Ended = {readonly code: number | string | null; readonly out: string; readonly err: string};

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: scratchDir,
      TMPDIR: scratchDir,
      POSTGRES_HOST: server.host,
      POSTGRES_PORT: String(server.port),
      TRADING_DB_PASSWORD: server.password,
      PGSSLMODE: 'disable',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', text => (out += text));
  child.stderr.setEncoding('utf8').on('data', text => (err += text));
  const ended = new Promise<Ended>(resolve => child.on('close', (code, by) => resolve({code: by ?? code, out, err})));
  return {child, ended};
}
const tradetop = (...args: readonly string[]): Promise<Ended> => start(args).ended;
const databases = async (): Promise<readonly string[]> =>
  (await client.query('SELECT datname FROM pg_database ORDER BY 1')).rows.map(r => r.datname);

/** Runs `work` while a lock blocks pg_dump. */
async function whileLocked(work: () => Promise<void>): Promise<void> {
  const holder = new pg.Client({...configOf(), database: 'trading_system'});
  await holder.connect();
  try {
    await holder.query('BEGIN; LOCK TABLE execution.trades IN ACCESS EXCLUSIVE MODE');
    await work();
  } finally {
    await holder.end();
  }
}
const dumpWaits = (): Promise<unknown> =>
  waitFor('pg_dump to wait for the lock', async () => {
    const {rowCount} = await client.query("SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation'");
    return rowCount === 1;
  });
const configOf = (): pg.ClientConfig => ({
  host: server.host,
  port: server.port,
  user: server.user,
  password: server.password,
  database: 'postgres',
  ssl: false,
});

describe.skipIf(why !== '')(`tradetop backup and restore${why === '' ? '' : ` cannot be tested here: ${why}`}`, () => {
  beforeAll(async () => {
    server = await ownPostgres({binDir: (usable as Exclude<typeof usable, string>).binDir});
    await setUp({
      trading: targetOf({...server, database: 'trading_system'}),
      prefect: {database: 'prefect', owner: 'prefect'},
      sql: loadSql(),
    });
    client = new pg.Client(configOf());
    client.on('error', () => {});
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
    rmSync(scratchDir, {recursive: true, force: true, maxRetries: 5});
  });

  test('a backup is created, checked and restored', async () => {
    const dir = join(scratchDir, 'b1');
    const made = await tradetop('backup', '--to', dir);
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^trading_system \(.* MB on the server\), prefect /),
    });
    const before = await databases();
    const checked = await tradetop('backup', '--check', '--from', dir, '--json');
    expect(checked.code).toBe(0);
    const document = JSON.parse(checked.out);
    expect(document).toMatchObject({
      directory: dir,
      summary: {fail: 0},
      databases: [{part: 'trading'}, {part: 'prefect'}],
    });
    expect(document.checks.length).toBeGreaterThan(5);
    expect(await databases()).toEqual(before);
    const restored = await tradetop('restore', '--from', dir, '--into', 'restored');
    expect(restored).toMatchObject({code: 0, out: expect.stringContaining('restored')});
    const again = await tradetop('restore', '--from', dir, '--into', 'restored');
    expect(again).toMatchObject({code: 2, err: expect.stringContaining('The database restored exists already')});
    expect((await databases()).filter(d => !before.includes(d))).toEqual(['restored']);
  });

  test('a check finds what is wrong with the data, and exits with 1', async () => {
    const trading = new pg.Client({...configOf(), database: 'trading_system'});
    await trading.connect();
    await trading.query(`INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
      VALUES ('over', 'A', 'AAPL', 'buy', 'market', 1);
      INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
      VALUES ('over', 'over', 'A', 'AAPL', 2, 1, now())`);
    const checked = await tradetop('backup', '--check');
    expect(checked).toMatchObject({code: 1, out: expect.stringContaining('data_fills_within_orders')});
    await trading.query('DELETE FROM execution.trades; DELETE FROM execution.orders');
    await trading.end();
    expect((await databases()).filter(d => d.startsWith('tradetop_check'))).toEqual([]);
    expect(readdirSync(scratchDir).filter(name => name.startsWith('tradetop-backup-'))).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s stops it, and nothing is left behind', async signal => {
    const dir = join(scratchDir, signal);
    await whileLocked(async () => {
      const {child, ended} = start(['backup', '--to', dir]);
      await dumpWaits();
      child.kill(signal);
      expect(await ended).toMatchObject({code: {SIGINT: 130, SIGTERM: 143, SIGHUP: 129}[signal]});
    });
    expect([existsSync(dir), existsSync(`${dir}.partial`)]).toEqual([false, false]);
  });

  test('kill -9 leaves only a directory whose name says that it is partial', async () => {
    const dir = join(scratchDir, 'killed');
    await whileLocked(async () => {
      const {child, ended} = start(['backup', '--to', dir]);
      await dumpWaits();
      child.kill('SIGKILL');
      expect((await ended).code).toBe('SIGKILL');
    });
    expect([existsSync(dir), existsSync(`${dir}.partial`)]).toEqual([false, true]);
    const refused = await tradetop('restore', '--from', `${dir}.partial`, '--into', 'never');
    expect(refused).toMatchObject({code: 2, err: expect.stringContaining('an unfinished backup')});
    expect(await databases()).not.toContain('never');
    const again = await tradetop('backup', '--to', dir);
    expect(again).toMatchObject({code: 2, err: expect.stringContaining('was interrupted')});
  });

  test('no password is in the arguments of a program or in the output', async () => {
    const dir = join(scratchDir, 'argv');
    await whileLocked(async () => {
      const {child, ended} = start(['backup', '--to', dir]);
      await dumpWaits();
      const lines = readdirSync('/proc')
        .filter(name => /^\d+$/.test(name))
        .map(pid => ignoreGone(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')));
      expect(lines.some(line => line.includes('pg_dump') && line.includes(dir))).toBe(true);
      expect(lines.filter(line => line.includes(server.password))).toEqual([]);
      child.kill('SIGINT');
      const {out, err} = await ended;
      expect(`${out}${err}`).not.toContain(server.password);
    });
  });

  test.each([
    [['backup'], '--to is needed.'],
    [['backup', '--from', 'x'], '--from needs --check'],
    [['backup', '--to', 'x', '--from', 'y'], 'Give --to or --from, not both.'],
    [['backup', '--to', 'x', '--jobs', '0'], '--jobs must be'],
    [['backup', '--check', '--read-only'], 'read-only'],
    [['restore', '--from', 'x'], '--from and --into are needed'],
    [['restore', '--from', 'x', '--into', 'y', '--read-only'], 'read-only'],
    [['restore', '--from', 'x', '--into', 'y', '--part', 'all'], '--part is all'],
    [['restore', '--from', '/', '--into', 'y'], 'is not a backup'],
  ])('%j is refused with the reason', async (args, words) => {
    expect(await tradetop(...args)).toMatchObject({code: 2, out: '', err: expect.stringContaining(words)});
  });
});

function ignoreGone(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
