import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {access, chown, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import pg from 'pg';
import {endProc, findProc} from '../../../src/demo/process.ts';
import {runServer, serverEnv} from '../../../src/demo/server.ts';
import {makeServerDir} from '../../../src/demo/temp-dir.ts';
import type {Certificates} from './certificates.ts';
import {type Database, ownTempDir} from './servers.ts';

const run = promisify(execFile);
const PLACES = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'];

/** PgBouncer's program, or a string that says why the tests that need it cannot run. */
export async function pgbouncer(): Promise<{readonly file: string} | string> {
  for (const file of PLACES) {
    if (
      await access(file)
        .then(() => run(file, ['--version']))
        .catch(() => undefined)
    )
      return {file};
  }
  return 'there is no pgbouncer here; install it (Debian, Ubuntu: sudo apt-get install pgbouncer)';
}

export type PoolMode = 'transaction' | 'session';

/** A PgBouncer in front of one database, and a way to see what its clients find. */
export type Pooler = {
  /** The database's config with the pooler's port. */
  readonly config: Database['config'];
  /** What is set, locked, prepared or listened to in each of the server's connections that the pooler has, and by whom. */
  readonly left: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
};

const shown = ({ca, cert, key}: Certificates) => ({
  ca: readFileSync(ca),
  cert: readFileSync(cert),
  key: readFileSync(key),
});

/** Most connections that it has to the server. */
const SIZE = 4;

/**
 * Starts a PgBouncer that resets nothing between two clients. Its database `postgres` is the server's own. `tls`: it demands TLS, and a
 * certificate of its clients.
 */
export async function startPgbouncer(
  file: string,
  {config}: Pick<Database, 'config'>,
  mode: PoolMode,
  tls?: Certificates,
): Promise<Pooler> {
  const tempDir = await ownTempDir();
  const cwd = await makeServerDir(tempDir, 'pgbouncer');
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(cwd, name);
    await writeFile(path, text, {mode: 0o600});
    if (tempDir.user) await chown(path, tempDir.user.uid, tempDir.user.gid);
    return path;
  };
  const users = await write('users.txt', `"${config.user}" "${config.password}"\n`);
  const settings = (port: number): string =>
    [
      '[databases]',
      `* = host=${config.host} port=${config.port}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =`,
      `auth_type = trust\nauth_file = ${users}`,
      `pool_mode = ${mode}\ndefault_pool_size = ${SIZE}\nserver_reset_query =\nserver_tls_sslmode = disable`,
      ...(tls
        ? [
            `client_tls_sslmode = verify-ca\nclient_tls_ca_file = ${tls.ca}`,
            `client_tls_cert_file = ${tls.cert}\nclient_tls_key_file = ${tls.key}`,
          ]
        : []),
    ].join('\n');
  const connected = async (port: number): Promise<pg.Client> => {
    const client = new pg.Client({...config, port, connectionTimeoutMillis: 3000, ...(tls ? {ssl: shown(tls)} : {})});
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const server = await runServer({
    title: 'PgBouncer',
    file,
    args: async port => ['-q', await write('pgbouncer.ini', settings(port))],
    cwd,
    env: serverEnv(),
    user: tempDir.user,
    logFile: join(tempDir.dir, 'pgbouncer.log'),
    answers: port =>
      connected(port)
        .then(client => client.end())
        .then(
          () => true,
          () => false,
        ),
    portTaken: /Address already in use|cannot listen/,
    readyWithinMs: 20_000,
    next: 'Read its log.',
    end: async (pid, steps) => {
      const proc = await findProc(pid);
      if (proc) await endProc(proc, steps);
    },
  });
  return {
    config: {...config, port: server.port},
    left: async () => {
      const clients = await Promise.all(Array.from({length: SIZE}, () => connected(server.port)));
      try {
        // Each holds a connection of the server's, so that every one of them is seen.
        await Promise.all(clients.map(client => client.query('BEGIN')));
        const found = await Promise.all(clients.map(async client => (await client.query(LEFT)).rows));
        return [...new Set(found.flat().map(row => String(row.what)))].sort();
      } finally {
        await Promise.all(clients.map(client => client.query('ROLLBACK').finally(() => client.end())));
      }
    },
    stop: () =>
      server.end([
        ['SIGINT', 3000],
        ['SIGKILL', 5000],
      ]),
  };
}

// PgBouncer itself sets the first four for each client, as that client has them.
const LEFT = `
  SELECT name || ' = ' || setting AS what FROM pg_settings
   WHERE source = 'session' AND name NOT IN ('client_encoding', 'DateStyle', 'TimeZone', 'application_name')
   UNION ALL SELECT 'advisory lock' FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
   UNION ALL SELECT 'prepared ' || name FROM pg_prepared_statements
   UNION ALL SELECT 'listens to ' || c FROM pg_listening_channels() AS c
   UNION ALL SELECT 'acts as ' || current_user WHERE current_user <> session_user
   UNION ALL SELECT 'temporary ' || relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()`;
