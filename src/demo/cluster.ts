import {execFile} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {appendFile, chown, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {UserError} from '../core/errors.ts';
import {type Binaries, findBinaries} from './native.ts';
import {type EndStep, endProc, findProc, logTail, procsIn, textOr, until} from './process.ts';
import {serverEnv} from './server.ts';
import {makeServerDir, spawnAs, type TempDir} from './temp-dir.ts';

const run = promisify(execFile);

/** What a cluster is made with. */
export type ClusterOptions = {
  /** The bin directory of another PostgreSQL than the packaged one. */
  readonly binDir?: string | undefined;
  /** Settings of postgresql.conf, in place of ours where the names are the same; values without quotes. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Whether commits wait for the disk. Default false, which a power cut could tell, but no kill -9. */
  readonly fsync?: boolean | undefined;
};

/** A data directory, and what runs it. */
export type Cluster = {
  readonly place: TempDir;
  readonly binaries: Binaries;
  readonly pgDir: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly password: string;
};

/** Makes the data directory, with its settings, in `pg` of the place. */
export async function makeCluster(place: TempDir, options: ClusterOptions): Promise<Cluster> {
  const binaries = await findBinaries(place, options.binDir);
  const pgDir = await makeServerDir(place, 'pg');
  const dataDir = join(pgDir, 'data');
  const password = randomBytes(24).toString('base64url');
  const passwordFile = join(pgDir, 'password');
  await writeFile(passwordFile, password, {mode: 0o600, flag: 'wx'});
  if (place.user) await chown(passwordFile, place.user.uid, place.user.gid);
  const locale = binaries.majorVersion >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  const args = ['-D', dataDir, '-U', 'postgres', '-E', 'UTF8', '--locale=C', ...locale, '--no-sync'];
  try {
    await run(join(binaries.binDir, 'initdb'), [...args, '--auth=scram-sha-256', `--pwfile=${passwordFile}`], {
      cwd: pgDir,
      env: serverEnv(),
      ...spawnAs(place.user),
    });
  } catch (error) {
    const {stderr, message} = error as {stderr?: string; message: string};
    throw new UserError(
      `PostgreSQL could not make its data directory: ${logTail(stderr || message, 3)}`,
      diskHint(place),
    );
  } finally {
    await rm(passwordFile, {force: true});
  }
  await appendFile(join(dataDir, 'postgresql.conf'), configuration(options, pgDir));
  return {place, binaries, pgDir, dataDir, logFile: join(pgDir, 'server.log'), password};
}

/** What to look at when a server cannot write. */
export const diskHint = ({dir}: TempDir): string => `Is there space left in ${dir}? About 100 MB are needed.`;

function configuration({settings, fsync = false}: ClusterOptions, socketDir: string): string {
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '100',
    // Files in the data directory, where POSIX shared memory would be left in /dev/shm after a kill -9.
    dynamic_shared_memory_type: 'mmap',
    shared_preload_libraries: 'pg_stat_statements',
    'pg_stat_statements.track': 'all',
    track_io_timing: 'on',
    // A statement whose client died ends within a second.
    ...(process.platform === 'linux' ? {client_connection_check_interval: '1s'} : {}),
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %q%u@%d/%a ',
    max_wal_size: '512MB',
    ...(fsync ? {} : {fsync: 'off', full_page_writes: 'off'}),
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  return `\n${lines.join('\n')}\n`;
}

/** Ends a postmaster and waits for its backends, which notice its death by themselves. */
export async function endPostmaster(pid: number, steps: readonly EndStep[], dataDir: string): Promise<void> {
  const postmaster = await findProc(pid);
  if (postmaster) await endProc(postmaster, steps);
  if (!(await until(async () => (await procsIn(dataDir)).length === 0, 5000))) {
    for (const backend of await procsIn(dataDir)) await endProc(backend, [['SIGKILL', 1000]]);
  }
  await releaseSharedMemory(dataDir);
}

/**
 * Removes what a killed PostgreSQL leaves outside its data directory: the few bytes of System V shared memory by which
 * a second server on the same data is refused. Their name is in postmaster.pid; they are removed only while they are
 * still those and no process has them.
 */
export async function releaseSharedMemory(dataDir: string): Promise<void> {
  const [key, id] = ((await textOr(join(dataDir, 'postmaster.pid'))).split('\n')[6] ?? '').trim().split(/\s+/);
  if (!key || !id) return;
  for (const line of (await textOr('/proc/sysvipc/shm')).split('\n')) {
    const [itsKey, itsId, , , , , attached] = line.trim().split(/\s+/);
    if ((Number(itsKey) | 0) === (Number(key) | 0) && itsId === id && attached === '0') {
      await run('ipcrm', ['-m', id]).catch(() => {});
    }
  }
}
