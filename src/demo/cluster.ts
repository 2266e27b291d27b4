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
import {copyDir, type Template} from './template.ts';

const run = promisify(execFile);

/** How to make a cluster. */
export type ClusterOptions = {
  /** The bin directory of a PostgreSQL other than the packaged one. */
  readonly binDir?: string | undefined;
  /** Settings of postgresql.conf, which override ours; values without quotes. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** A cluster to begin with instead of an empty one. */
  readonly template?: Template | undefined;
  /** Whether commits wait for the disk. Default false: a power cut could lose some, a kill -9 cannot. */
  readonly fsync?: boolean | undefined;
};

/** PostgreSQL's database cluster: a data directory, and the programs that run it. */
export type Cluster = {
  readonly tempDir: TempDir;
  readonly binaries: Binaries;
  readonly pgDir: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly password: string;
  /** It began as the template that was given. */
  readonly fromTemplate: boolean;
};

/** Makes the data directory, with its settings, in `pg` of the private directory. */
export async function makeCluster(tempDir: TempDir, options: ClusterOptions): Promise<Cluster> {
  const binaries = await findBinaries(tempDir, options.binDir);
  const pgDir = await makeServerDir(tempDir, 'pg');
  const dataDir = join(pgDir, 'data');
  const copied = options.template && (await copyTemplate(options.template, dataDir));
  const password = copied ?? randomBytes(24).toString('base64url');
  if (copied === undefined) await initdb(tempDir, binaries, pgDir, password);
  await appendFile(join(dataDir, 'postgresql.conf'), configuration(options, pgDir, binaries.majorVersion));
  const logFile = join(pgDir, 'server.log');
  return {tempDir, binaries, pgDir, dataDir, logFile, password, fromTemplate: copied !== undefined};
}

/** The password of the copied cluster; undefined where it could not be copied: somebody may be removing it. */
const copyTemplate = ({dataDir, password}: Template, to: string): Promise<string | undefined> =>
  copyDir(dataDir, to).then(
    () => password,
    async () => void (await rm(to, {recursive: true, force: true})),
  );

/** Makes an empty cluster in `data`. */
async function initdb(tempDir: TempDir, binaries: Binaries, pgDir: string, password: string): Promise<void> {
  const dataDir = join(pgDir, 'data');
  const passwordFile = join(pgDir, 'password');
  await writeFile(passwordFile, password, {mode: 0o600, flag: 'wx'});
  if (tempDir.user) await chown(passwordFile, tempDir.user.uid, tempDir.user.gid);
  const locale = binaries.majorVersion >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  const args = ['-D', dataDir, '-U', 'postgres', '-E', 'UTF8', '--locale=C', ...locale, '--no-sync'];
  try {
    await run(join(binaries.binDir, 'initdb'), [...args, '--auth=scram-sha-256', `--pwfile=${passwordFile}`], {
      cwd: pgDir,
      env: serverEnv(),
      ...spawnAs(tempDir.user),
    });
  } catch (error) {
    const {stderr, message} = error as {stderr?: string; message: string};
    throw new UserError(
      `PostgreSQL could not make its data directory: ${logTail(stderr || message, 3)}`,
      diskHint(tempDir),
    );
  } finally {
    await rm(passwordFile, {force: true});
  }
}

/** The hint for a server that cannot write. */
export const diskHint = ({dir}: TempDir): string => `Check the free space in ${dir}: about 100 MB are needed.`;

function configuration({settings, fsync = false}: ClusterOptions, socketDir: string, major: number): string {
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '100',
    // An operator gets in when a service has taken all others.
    ...(major >= 16 ? {reserved_connections: '3'} : {}),
    // Files in the data directory: POSIX shared memory would stay in /dev/shm after a kill -9.
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

/** Ends a postmaster and waits for its backends, which notice its death themselves. */
export async function endPostmaster(pid: number, steps: readonly EndStep[], dataDir: string): Promise<void> {
  const postmaster = await findProc(pid);
  if (postmaster) await endProc(postmaster, steps);
  if (!(await until(async () => (await procsIn(dataDir)).length === 0, 5000))) {
    for (const backend of await procsIn(dataDir)) await endProc(backend, [['SIGKILL', 1000]]);
  }
  await releaseSharedMemory(dataDir);
}

/**
 * Removes what a killed PostgreSQL leaves outside its data directory: the few bytes of System V shared memory that keep
 * a second server off the same data. postmaster.pid names them; they are removed only if they are still the same and no
 * process is attached.
 */
export async function releaseSharedMemory(dataDir: string): Promise<void> {
  const [key, id] = ((await textOr(join(dataDir, 'postmaster.pid'))).split('\n')[6] ?? '').trim().split(/\s+/);
  if (!key || !id) return;
  for (const line of (await textOr('/proc/sysvipc/shm')).split('\n')) {
    const [itsKey, itsId, , , , , attached] = line.trim().split(/\s+/);
    if ((Number(itsKey) | 0) === (Number(key) | 0) && itsId === id && attached === '0') {
      await run('ipcrm', ['-m', id], {env: serverEnv()}).catch(() => {});
    }
  }
}
