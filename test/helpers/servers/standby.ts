import {execFile} from 'node:child_process';
import {appendFile, chown, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import pg from 'pg';
import {endPostmaster} from '../../../src/demo/cluster.ts';
import {findBinaries} from '../../../src/demo/native.ts';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {runServer, serverEnv} from '../../../src/demo/server.ts';
import {makeServerDir} from '../../../src/demo/temp-dir.ts';
import {ownTempDir} from './servers.ts';
import {waitFor} from './wait.ts';

const run = promisify(execFile);

export type Standby = {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Promotes it; resolves when it is a primary. */
  readonly promote: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * Starts a synchronous hot standby of a private server: every commit waits for it (for all, if there are several), so
 * that no acknowledged commit is lost with the primary. Made with SQL's backup functions and a copy of the data
 * directory.
 */
export async function startStandby(primary: PostgresServer): Promise<Standby> {
  const tempDir = await ownTempDir();
  const pgDir = await makeServerDir(tempDir, 'pg');
  const dataDir = join(pgDir, 'data');
  const admin = await connect(primary.port, primary.password);
  try {
    const before = await standbys(admin, 'streaming');
    await admin.query(`SELECT pg_backup_start('standby', fast => true)`);
    await run('cp', ['-a', join(primary.dir, 'pg', 'data'), dataDir]);
    const {rows} = await admin.query('SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)');
    for (const file of ['postmaster.pid', 'postmaster.opts']) await rm(join(dataDir, file), {force: true});
    const files = {backup_label: rows[0].labelfile as string, 'standby.signal': ''};
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(dataDir, name), text, {mode: 0o600});
      if (tempDir.user) await chown(join(dataDir, name), tempDir.user.uid, tempDir.user.gid);
    }
    const from = `host=127.0.0.1 port=${primary.port} user=postgres password=${primary.password}`;
    const settings = `primary_conninfo = '${from}'\nsynchronous_standby_names = ''\n`;
    await appendFile(join(dataDir, 'postgresql.auto.conf'), settings);
    const {binDir} = await findBinaries(tempDir);
    const server = await runServer({
      title: 'The standby',
      file: join(binDir, 'postgres'),
      args: async port => ['-D', dataDir, '-c', `port=${port}`, '-c', `unix_socket_directories=${pgDir}`],
      cwd: pgDir,
      env: serverEnv(),
      user: tempDir.user,
      logFile: join(pgDir, 'server.log'),
      answers: port =>
        connect(port, primary.password).then(
          client => client.end().then(() => true),
          () => false,
        ),
      portTaken: /could not (bind|create any TCP)/,
      readyWithinMs: 60_000,
      next: 'See its log.',
      end: (pid, steps) => endPostmaster(pid, steps, dataDir),
    });
    await waitFor('the standby to stream', async () => (await standbys(admin, 'streaming')) > before);
    await admin.query(`ALTER SYSTEM SET synchronous_standby_names = 'ANY ${before + 1} (*)'`);
    await admin.query('SELECT pg_reload_conf()');
    await waitFor('the standby to be synchronous', async () => (await standbys(admin, 'quorum')) > before);
    return {
      host: '127.0.0.1',
      port: server.port,
      promote: async () => {
        const client = await connect(server.port, primary.password);
        await client.query('SELECT pg_promote(wait => true)').finally(() => client.end());
      },
      stop: () => server.end([['SIGQUIT', 5000]]),
    };
  } finally {
    await admin.end();
  }
}

async function standbys(admin: pg.Client, state: string): Promise<number> {
  const {rows} = await admin.query('SELECT FROM pg_stat_replication WHERE $1 IN (state, sync_state)', [state]);
  return rows.length;
}

async function connect(port: number, password: string): Promise<pg.Client> {
  const client = new pg.Client({host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres', ssl: false});
  client.on('error', () => {});
  await client.connect();
  return client;
}
