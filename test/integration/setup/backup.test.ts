import {execFile, spawnSync} from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {type BackupReport, backUp} from '../../../src/backup/backup.ts';
import {checkBackup} from '../../../src/backup/check.ts';
import {verifyBackup} from '../../../src/backup/manifest.ts';
import {restore} from '../../../src/backup/restore.ts';
import {findTools} from '../../../src/backup/tools.ts';
import {secret} from '../../../src/core/secret.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {listSecrets, openSecrets, secretKey, storeSecret} from '../../../src/io/secrets.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {dumpServer} from '../../helpers/servers/client-tools.ts';
import {freshDatabase, ownPostgres} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const run = promisify(execFile);
const ready = await dumpServer();
const why = typeof ready === 'string' ? ready : '';
const binDir = typeof ready === 'string' ? '' : ready.binDir;

const KEY = secretKey('a-key-for-backups-0123456789-abcdefgh');
const HOOK = 'https://hooks.example.com/clear-as-day';
const sql = loadSql();
const never = new AbortController().signal;
const scratchDir = mkdtempSync(join(tmpdir(), 'tradetop-backups-'));
let server: PostgresServer;
let whole: BackupReport;

const at = (database: string, from = server): PgTarget => targetOf({...from, database});
const configOf = ({host, port, database, user, password}: PgTarget): pg.ClientConfig => ({
  host,
  port,
  database,
  user,
  password: password() as string,
  ssl: false,
});
async function inDatabase<T>(target: PgTarget, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(configOf(target));
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const rowsOf = (target: PgTarget, text: string, values: unknown[] = []): Promise<readonly Record<string, unknown>[]> =>
  inDatabase(target, async c => (await c.query(text, values)).rows);
const databases = async (from = server): Promise<readonly unknown[]> =>
  (await rowsOf(at('postgres', from), 'SELECT datname FROM pg_database ORDER BY 1')).map(r => r.datname);
const backup = (name: string, options: Partial<Parameters<typeof backUp>[0]> = {}): Promise<BackupReport> =>
  backUp({
    to: join(scratchDir, name),
    targets: {trading: at('trading_system'), prefect: at('prefect')},
    sql,
    version: '0.1.0',
    user: 'maria',
    signal: never,
    say: () => {},
    ...options,
  });
const restoreInto = (into: string, options: Partial<Parameters<typeof restore>[0]> = {}): ReturnType<typeof restore> =>
  restore({
    from: whole.directory,
    into,
    part: 'trading',
    server: at('postgres'),
    sql,
    signal: never,
    say: () => {},
    ...options,
  });

const setUpServer = (to: PostgresServer, only?: readonly ('roles' | 'databases')[]): Promise<unknown> =>
  setUp({
    trading: at('trading_system', to),
    prefect: {database: 'prefect', owner: 'prefect'},
    sql,
    ...(only ? {only} : {}),
  });

describe.skipIf(why !== '')(`backup and restore${why === '' ? '' : ` cannot be tested here: ${why}`}`, () => {
  beforeAll(async () => {
    server = await ownPostgres({binDir});
    await setUpServer(server);
    await inDatabase(at('trading_system'), async client => {
      await client.query(`
        ALTER DATABASE trading_system SET work_mem = '7MB';
        ALTER DATABASE trading_system SET search_path = execution, "odd, name", public;
        ALTER ROLE trading_app IN DATABASE trading_system SET default_transaction_read_only = on;
        INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
          SELECT 'o' || n, 'A-' || n % 3, 'AAPL', 'buy', 'market', n FROM generate_series(1, 200) AS n;
        INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
          SELECT 't' || n, 'o' || n, 'A-' || n % 3, 'AAPL', n, 1.0001, now() FROM generate_series(1, 200) AS n;
        INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
          SELECT 'AAPL', date_trunc('month', now()) + n * interval '1 day', 1, 2, 0.5, 1.5, abs(n) FROM generate_series(-20, 90) AS n;
        INSERT INTO notification.notification_configs (name, channel) VALUES ('desk', 'slack');`);
      await client.query('BEGIN');
      const [holder] = await listSecrets(client, 'desk');
      await storeSecret(client, holder as never, HOOK, KEY);
      await client.query('COMMIT');
    });
    await inDatabase(at('prefect'), c => c.query('CREATE TABLE flow_run (id uuid PRIMARY KEY, name text)'));
    whole = await backup('whole');
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(scratchDir, {recursive: true, force: true});
  });

  test('a backup has both databases, the roles, and a description of them', async () => {
    expect(readdirSync(whole.directory).sort()).toEqual([
      'manifest.json',
      'manifest.json.sha256',
      'prefect',
      'roles.sql',
      'trading',
    ]);
    expect(whole.warnings).toEqual([]);
    const {databases: saved, ...about} = await verifyBackup(whole.directory);
    expect(about.tradetop).toBe('0.1.0');
    expect(about.files.map(f => f.path)).toEqual(
      expect.arrayContaining(['roles.sql', 'trading/toc.dat', 'prefect/toc.dat']),
    );
    expect(saved.map(d => [d.part, d.name, d.serverMajor, d.migration])).toEqual([
      ['trading', 'trading_system', server.majorVersion, '0002_rows_are_the_books'],
      ['prefect', 'prefect', server.majorVersion, undefined],
    ]);
    expect(saved[0]?.roles).toEqual(expect.arrayContaining(['tradetop_owner', 'tradetop_keeper', 'trading_app']));
    await run('sha256sum', ['-c', 'manifest.json.sha256'], {cwd: whole.directory});
    const [audit] = await rowsOf(
      at('trading_system'),
      "SELECT user_id, detail FROM shared.audit_log WHERE operation = 'backup'",
    );
    expect(audit).toMatchObject({user_id: 'maria', detail: {directory: whole.directory}});
  });

  test('a backup has no secret in clear text and no password', async () => {
    const dump = await run(
      join(binDir === '' ? '' : (await findTools(14)).binDir, 'pg_restore'),
      ['--file=-', join(whole.directory, 'trading')],
      {maxBuffer: 2 ** 28, encoding: 'latin1'},
    );
    expect(dump.stdout).toContain('COPY notification.notification_configs');
    expect(dump.stdout).not.toContain(HOOK);
    expect(dump.stdout).not.toContain(KEY.key());
    const roles = readFileSync(join(whole.directory, 'roles.sql'), 'utf8');
    expect(roles).toContain('CREATE ROLE trading_app');
    expect(roles).not.toMatch(/SCRAM-SHA|PASSWORD '/);
    const secrets = await backup('with-verifiers', {rolePasswords: true});
    expect(readFileSync(join(secrets.directory, 'roles.sql'), 'utf8')).toContain('SCRAM-SHA-256');
  });

  describe.skipIf(spawnSync('gpg', ['--version']).status !== 0)('encrypted with gpg', () => {
    const home = mkdtempSync(join(tmpdir(), 'tt-gpg-'));
    let key = '';
    let encrypted: BackupReport;
    beforeAll(async () => {
      vi.stubEnv('GNUPGHOME', home);
      const made = [
        '--batch',
        '--passphrase',
        '',
        '--quick-generate-key',
        'desk@example.com',
        'future-default',
        'default',
      ];
      await run('gpg', made, {env: {...process.env}});
      const {stdout} = await run('gpg', ['--batch', '--with-colons', '--list-keys'], {env: {...process.env}});
      key = /^fpr:+([0-9A-F]+):/m.exec(stdout)?.[1] ?? '';
      encrypted = await backup('encrypted', {encryptTo: key});
    });
    afterAll(async () => {
      await run('gpgconf', ['--kill', 'gpg-agent'], {env: {...process.env, GNUPGHOME: home}}).catch(() => {});
      vi.unstubAllEnvs();
      rmSync(home, {recursive: true, force: true});
    });

    test('a backup has nothing in clear text but its manifest, and is restored as it was', async () => {
      expect(readdirSync(encrypted.directory).sort()).toEqual([
        'manifest.json',
        'manifest.json.sha256',
        'prefect.dump.gpg',
        'roles.sql.gpg',
        'trading.dump.gpg',
      ]);
      for (const file of encrypted.manifest.files) {
        expect(readFileSync(join(encrypted.directory, file.path), 'latin1')).not.toMatch(/PGDMP|CREATE ROLE|AAPL/);
      }
      await restoreInto('decrypted', {from: encrypted.directory});
      const counted = 'SELECT count(*)::int AS n, sum(quantity * price)::text AS sum FROM execution.trades';
      expect(await rowsOf(at('decrypted'), counted)).toEqual(await rowsOf(at('trading_system'), counted));
      const checked = await checkBackup({
        from: encrypted.directory,
        server: at('postgres'),
        sql,
        signal: never,
        say: () => {},
        check: async () => [],
      });
      expect(checked.manifest.cipher).toBe('gpg');
    });

    test('nobody restores it without the private key, and no database is made', async () => {
      const other = mkdtempSync(join(tmpdir(), 'tt-gpg-'));
      vi.stubEnv('GNUPGHOME', other);
      const before = await databases();
      await expect(restoreInto('nobodys', {from: encrypted.directory})).rejects.toMatchObject({
        name: 'UserError',
        message: expect.stringMatching(/^gpg failed: .*[Nn]o secret key/),
        next: expect.stringContaining('private key of the recipient'),
      });
      expect(await databases()).toEqual(before);
      await run('gpgconf', ['--kill', 'gpg-agent'], {env: {...process.env}}).catch(() => {});
      vi.stubEnv('GNUPGHOME', home);
      rmSync(other, {recursive: true, force: true});
    });

    test('nothing is left where the key is not known, or a program is missing or fails half way', async () => {
      await expect(backup('e1', {encryptTo: 'nobody@example.com'})).rejects.toThrow(
        /^gpg failed: .*nobody@example\.com/,
      );
      await expect(backup('e2', {encryptTo: '--output=/tmp/x'})).rejects.toThrow(/^gpg failed: /);
      vi.stubEnv('PATH', '/nowhere');
      await expect(backup('e3', {encryptTo: 'age1qqqq'})).rejects.toMatchObject({
        message: 'age encrypts for this recipient, and it is not on the PATH.',
        next: expect.stringContaining('Install age'),
      });
      await expect(backup('e4', {encryptTo: key})).rejects.toThrow('gpg encrypts for this recipient, and it is not');
      vi.unstubAllEnvs();
      vi.stubEnv('GNUPGHOME', home);
      const stubs = mkdtempSync(join(tmpdir(), 'tradetop-tools-'));
      for (const name of ['pg_dump', 'pg_dumpall', 'pg_restore']) {
        const text = `#!/bin/sh\n[ "$1" = --version ] && echo "${name} (PostgreSQL) 99.1" && exit\necho CLEAR TEXT; exit 3\n`;
        writeFileSync(join(stubs, name), text, {mode: 0o755});
      }
      vi.stubEnv('PG_BINDIR', stubs);
      await expect(backup('e5', {encryptTo: key})).rejects.toThrow('pg_dump failed: it ended with 3');
      vi.unstubAllEnvs();
      vi.stubEnv('GNUPGHOME', home);
      rmSync(stubs, {recursive: true});
      expect(readdirSync(scratchDir).filter(name => /^e\d/.test(name))).toEqual([]);
    });
  });

  test.skipIf(spawnSync('age-keygen', ['--version']).status !== 0)(
    'age encrypts and decrypts by a file of keys',
    async () => {
      const identity = join(scratchDir, 'age key');
      await run('age-keygen', ['-o', identity]);
      const encryptTo = /public key: (\S+)/.exec(readFileSync(identity, 'utf8'))?.[1] ?? '';
      const {directory, manifest} = await backup('by-age', {encryptTo});
      expect(manifest.files.map(f => f.path)).toEqual(['prefect.dump.age', 'roles.sql.age', 'trading.dump.age']);
      await expect(restoreInto('aged', {from: directory})).rejects.toMatchObject({
        message: 'This backup is encrypted with age.',
        next: 'Name the file of its private key: --identity FILE',
      });
      await expect(restoreInto('aged', {from: directory, identity: '/nowhere'})).rejects.toThrow(
        'Cannot read /nowhere',
      );
      await run('age-keygen', ['-o', `${identity} 2`]);
      await expect(restoreInto('aged', {from: directory, identity: `${identity} 2`})).rejects.toThrow(/^age failed: /);
      await restoreInto('aged', {from: directory, identity});
      expect(await rowsOf(at('aged'), 'SELECT count(*)::int AS n FROM execution.trades')).toEqual([{n: 200}]);
    },
  );

  test('a restored database is equal to the one that was backed up', async () => {
    await restoreInto('back again');
    const facts = async (database: string): Promise<unknown> => {
      const target = at(database);
      const [self] = await rowsOf(target, sql.statement('backup/database', 0));
      const {name, bytes, ...rest} = self as Record<string, unknown>;
      const tables = await rowsOf(
        target,
        `SELECT c.oid::regclass::text AS t FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
        WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1`,
      );
      const contents: unknown[] = [];
      for (const {t} of tables) {
        if (t === 'shared.audit_log') continue;
        contents.push([
          t,
          await rowsOf(target, `SELECT count(*), md5(string_agg(r::text, '|' ORDER BY r::text)) FROM ${t} AS r`),
        ]);
      }
      // PostgreSQL prints a dumped IN (…) of varchars with its casts in other positions.
      const parts = (await rowsOf(target, 'SELECT * FROM shared.inventory() ORDER BY 1, 2, 3')).map(r => ({
        ...r,
        definition: String(r.definition).replaceAll(/::(?:character varying|text)(?:\[\])?|[()]/g, ''),
      }));
      return [rest, contents, parts];
    };
    expect(await facts('back again')).toEqual(await facts('trading_system'));
    expect(await rowsOf(at('back again'), 'SHOW search_path')).toEqual([
      {search_path: 'execution, "odd, name", public'},
    ]);
    const [stats] = await rowsOf(
      at('back again'),
      "SELECT reltuples FROM pg_class WHERE oid = 'execution.trades'::regclass",
    );
    expect(stats).toEqual({reltuples: 200});
    const opened = await inDatabase(at('back again'), async c => {
      await c.query('BEGIN');
      return [...(await openSecrets(c, KEY)).values()].map(s => s());
    });
    expect(opened).toEqual([HOOK]);
    expect(
      await inDatabase(at('back again'), c => c.query('SET ROLE trading_app; SELECT * FROM execution.trades')),
    ).toBeDefined();
  });

  test('Prefect’s database is restored too', async () => {
    await restoreInto('prefect_again', {part: 'prefect'});
    expect(await rowsOf(at('prefect_again'), 'SELECT * FROM flow_run')).toEqual([]);
  });

  test('any name is accepted, and Prefect’s database may be missing', async () => {
    const odd = `we"ird 'db' \\ host=x`;
    await inDatabase(at('postgres'), c => c.query(`CREATE DATABASE ${pg.escapeIdentifier(odd)}`));
    await inDatabase(at(odd), c => c.query('CREATE TABLE one AS SELECT 1 AS n'));
    const said: string[] = [];
    const made = await backup('odd', {
      targets: {trading: at(odd), prefect: at('nowhere')},
      say: line => void said.push(line),
    });
    expect(said).toContain('database nowhere does not exist: left out');
    expect(made.warnings).toEqual([expect.stringContaining('The audit log of')]);
    await restoreInto(`${odd} again`, {from: made.directory});
    expect(await rowsOf(at(`${odd} again`), 'SELECT n FROM one')).toEqual([{n: 1}]);
    await expect(restoreInto('p', {from: made.directory, part: 'prefect'})).rejects.toThrow(
      'contains no prefect database',
    );
  });

  test('a restore on a new server names the missing roles, and succeeds when they exist', async () => {
    const other = await ownPostgres({binDir});
    try {
      const target = at('postgres', other);
      await expect(restoreInto('trading_system', {server: target})).rejects.toMatchObject({
        message: expect.stringMatching(/^This server lacks roles that the backup refers to: svc_analytics, /),
        next: expect.stringContaining('roles.sql'),
      });
      expect(await databases(other)).not.toContain('trading_system');
      const env = {...process.env, PGPASSWORD: other.password, PGOPTIONS: '-c client_min_messages=error'};
      const file = join(whole.directory, 'roles.sql');
      const where = ['-h', other.host, '-p', String(other.port), '-U', other.user, '-d', 'postgres'];
      await run(join((await findTools(14)).binDir, 'psql'), ['-X', '-q', ...where, '-f', file], {env});
      await restoreInto('trading_system', {server: target});
      expect(await rowsOf(at('trading_system', other), 'SELECT count(*) FROM execution.trades')).toEqual([
        {count: '200'},
      ]);
    } finally {
      await other.stop();
    }
  });

  test('an existing database is never changed', async () => {
    const before = await rowsOf(at('trading_system'), 'SELECT count(*) FROM execution.orders');
    await expect(restoreInto('trading_system')).rejects.toMatchObject({
      exitCode: 2,
      message: 'The database trading_system exists already; it was not changed.',
    });
    expect(await rowsOf(at('trading_system'), 'SELECT count(*) FROM execution.orders')).toEqual(before);
  });

  test('one that is created meanwhile is not changed either, and nothing is left', async () => {
    const said: string[] = [];
    const late = restoreInto('late', {
      say: line => {
        said.push(line);
        if (line === 'statistics') void inDatabase(at('postgres'), c => c.query('CREATE DATABASE late'));
      },
    });
    await expect(late).rejects.toThrow('The database late exists already');
    expect((await databases()).filter(d => /^late/.test(String(d)))).toEqual(['late']);
    await inDatabase(at('postgres'), c => c.query('DROP DATABASE late'));
  });

  test.each<[string, (dir: string) => void, string | RegExp]>([
    ['with a changed byte', dir => flip(join(dir, 'trading', 'toc.dat')), 'trading/toc.dat was changed'],
    ['cut short', dir => writeFileSync(join(dir, 'roles.sql'), ''), /roles\.sql has 0 bytes instead of \d+/],
    ['with a byte too many', dir => appendFileSync(join(dir, 'roles.sql'), '\n'), /roles\.sql has \d+ bytes instead/],
    ['without a file', dir => unlinkSync(join(dir, 'prefect', 'toc.dat')), 'prefect/toc.dat is missing'],
    ['with a file too many', dir => writeFileSync(join(dir, 'trading', 'extra'), ''), 'trading/extra does not belong'],
    ['with a link', dir => symlinkSync('/etc/hostname', join(dir, 'trading', 'link')), 'link is not a file'],
    ['with a changed manifest', dir => flip(join(dir, 'manifest.json')), 'manifest.json was changed'],
    ['without its manifest', dir => unlinkSync(join(dir, 'manifest.json')), 'it has no manifest.json'],
    [
      'without the manifest’s checksum',
      dir => unlinkSync(join(dir, 'manifest.json.sha256')),
      'manifest.json was changed',
    ],
  ])('a backup %s is refused before anything is created', async (_, damage, message) => {
    const dir = join(scratchDir, 'damaged');
    cpSync(whole.directory, dir, {recursive: true});
    damage(dir);
    const before = await databases();
    await expect(restoreInto('damaged', {from: dir})).rejects.toThrow(message);
    expect(await databases()).toEqual(before);
    rmSync(dir, {recursive: true});
  });

  test('an existing directory, or an unfinished one, is not written to', async () => {
    await expect(backup('whole')).rejects.toThrow('whole exists already');
    mkdirSync(join(scratchDir, 'half.partial'));
    await expect(backup('half')).rejects.toThrow('half.partial exists');
    await expect(restoreInto('x', {from: join(scratchDir, 'half.partial')})).rejects.toThrow('an unfinished backup');
    rmSync(join(scratchDir, 'half.partial'), {recursive: true});
  });

  test('an interrupted backup leaves nothing behind', async () => {
    const stop = new AbortController();
    // A lock of the test keeps pg_dump waiting, so that it is certainly interrupted in the middle.
    await inDatabase(at('trading_system'), async holder => {
      await holder.query('BEGIN; LOCK TABLE execution.trades IN ACCESS EXCLUSIVE MODE');
      const stopped = backup('stopped', {signal: stop.signal}).catch((e: unknown) => e);
      await waitFor('pg_dump to wait for the lock', async () => {
        const rows = await rowsOf(at('postgres'), "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation'");
        return rows.length > 0;
      });
      expect(existsSync(join(scratchDir, 'stopped.partial'))).toBe(true);
      stop.abort(new Error('stopped by hand'));
      expect(await stopped).toMatchObject({message: 'stopped by hand'});
    });
    expect(readdirSync(scratchDir).filter(name => name.startsWith('stopped'))).toEqual([]);
    await waitFor('its sessions to end', async () => {
      const rows = await rowsOf(
        at('postgres'),
        "SELECT FROM pg_stat_activity WHERE application_name LIKE 'pg_dump%' OR application_name = 'tradetop backup'",
      );
      return rows.length === 0;
    });
  });

  test('an interrupted restore leaves nothing behind', async () => {
    const stop = new AbortController();
    const before = await databases();
    const stopped = restoreInto('stopped', {
      signal: stop.signal,
      say: line => {
        if (line.startsWith('database ')) stop.abort(new Error('stopped by hand'));
      },
    });
    await expect(stopped).rejects.toThrow('stopped by hand');
    expect(await databases()).toEqual(before);
  });

  test('an error of pg_dump is reported, and no directory is left', async () => {
    await inDatabase(at('postgres'), c => c.query("ALTER ROLE tradetop_monitor PASSWORD 'for-this-test'"));
    const monitor = {...at('trading_system'), user: 'tradetop_monitor', password: secret('for-this-test')};
    const denied = backup('denied', {targets: {trading: monitor, prefect: {...monitor, database: 'prefect'}}});
    await expect(denied).rejects.toMatchObject({
      message: expect.stringContaining('pg_dump failed: '),
      next: expect.stringContaining('Connect as a superuser'),
    });
    expect(readdirSync(scratchDir).filter(name => name.startsWith('denied'))).toEqual([]);
  });

  test('a check restores into scratch databases and drops them, whatever the checks find', async () => {
    const before = await databases();
    const seen: unknown[] = [];
    const checked = await checkBackup({
      from: whole.directory,
      server: at('postgres'),
      sql,
      signal: never,
      say: () => {},
      check: async restored => {
        seen.push(await rowsOf(restored, 'SELECT count(*) FROM execution.trades'));
        return [];
      },
    });
    expect([checked.manifest.databases.length, seen]).toEqual([2, [[{count: '200'}]]]);
    const failing = checkBackup({
      from: whole.directory,
      server: at('postgres'),
      sql,
      signal: never,
      say: () => {},
      check: () => Promise.reject(new Error('on purpose')),
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await databases()).toEqual(before);
  });
});

test('an empty database like another can be created, with any version and locale', async () => {
  const like = await freshDatabase();
  const name = `${like.name}_like`;
  const client = new pg.Client(like.config);
  await client.connect();
  try {
    const facts = async (c: pg.Client): Promise<Record<string, unknown>> => {
      const {name: _, bytes: __, ...rest} = (await c.query(sql.statement('backup/database', 0))).rows[0];
      return rest;
    };
    const before = await facts(client);
    const {owner, encoding, provider, collate, ctype, locale} = before;
    const values = [name, owner, encoding, provider, collate, ctype, locale];
    await client.query((await client.query(sql.statement('backup/create', 0), values)).rows[0].statement);
    const made = new pg.Client({...like.config, database: name});
    await made.connect();
    expect(await facts(made)).toEqual(before);
    await made.end();
  } finally {
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
    await client.end();
    await like.drop();
  }
});

describe('the programs', () => {
  test('are reported if they are missing, with what to install', async () => {
    await expect(findTools(15, {PG_BINDIR: '/nowhere'})).rejects.toMatchObject({
      name: 'UserError',
      message: 'There is no pg_dump in PG_BINDIR (/nowhere).',
      next: expect.stringContaining('postgresql-client-15'),
    });
  });

  test('are reported if they are older than the server, with what to install', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tradetop-tools-'));
    for (const name of ['pg_dump', 'pg_dumpall', 'pg_restore']) {
      writeFileSync(join(dir, name), `#!/bin/sh\necho "${name} (PostgreSQL) 13.4"\n`, {mode: 0o755});
    }
    await expect(findTools(15, {PG_BINDIR: dir})).rejects.toMatchObject({
      message: `pg_dump 13.4 (${dir}) is older than the PostgreSQL 15 to be dumped.`,
      next: expect.stringContaining('postgresql-client-15'),
    });
    expect(await findTools(13, {PG_BINDIR: dir})).toMatchObject({binDir: dir, major: 13});
    rmSync(dir, {recursive: true});
  });
});

function flip(file: string): void {
  const bytes = readFileSync(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] as number) ^ 1;
  writeFileSync(file, bytes);
}
