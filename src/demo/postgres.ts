import {type ChildProcess, spawn} from 'node:child_process';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import pg from 'pg';
import {UserError} from '../core/errors.ts';
import {type Cluster, type ClusterOptions, diskHint, endPostmaster, makeCluster, serverEnv} from './cluster.ts';
import {makePlace, type Place, removeDir, spawnAs} from './place.ts';
import {type EndStep, freePort, lastLines, until} from './process.ts';

export type PostgresOptions = ClusterOptions & {
  /** A private directory made by `makePlace`; without it one is made, and removed by `stop`. */
  readonly place?: Place | undefined;
  /** Default: one that is free. */
  readonly port?: number | undefined;
  /** Called when the server ends and nobody asked it to. */
  readonly onExit?: ((why: string) => void) | undefined;
};

/** smart: waits for the sessions; fast: ends them; immediate: like a crash, without a checkpoint. */
export type StopMode = 'smart' | 'fast' | 'immediate';

/** A running private PostgreSQL on 127.0.0.1. */
export type PostgresServer = {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Directory of its Unix socket. */
  readonly socketDir: string;
  /** The superuser. */
  readonly user: 'postgres';
  readonly password: string;
  /** Its private directory; data in `pg/data`, the server's log in `pg/server.log`. */
  readonly dir: string;
  /** Of the postmaster; changes with `restart`. */
  readonly pid: number;
  readonly majorVersion: number;
  /** Stops it within bounds and, where the directory was made here, removes that. Default mode: fast. */
  readonly stop: (mode?: StopMode) => Promise<void>;
  /** SIGKILL to the postmaster; resolves when its backends are gone too. The directory stays. */
  readonly kill9: () => Promise<void>;
  /** Starts it again on the same data and port, stopping it first (fast) where it runs. */
  readonly restart: () => Promise<void>;
  /** The last lines of the server's log. */
  readonly log: () => Promise<string>;
};

const STOPS: Readonly<Record<StopMode, readonly EndStep[]>> = {
  smart: [
    ['SIGTERM', 60_000],
    ['SIGINT', 10_000],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ],
  fast: [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ],
  immediate: [
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ],
};
const READY_WITHIN_MS = 30_000;

/**
 * Makes a new cluster in a private directory and runs it: loopback and a Unix socket in that directory only, SCRAM with
 * a random password. As root it runs as the user postgres or nobody. Throws a UserError with the end of the server's log when
 * it does not come up.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const place = options.place ?? (await makePlace('tradetop-pg-'));
  const owned = options.place === undefined;
  try {
    const cluster = await makeCluster(place, options);
    let port = options.port ?? (await freePort());
    for (let attempt = 1; ; attempt++) {
      const child = await launch(cluster, port);
      if (child !== 'port taken') return handle(cluster, port, child, owned, options.onExit);
      if (options.port !== undefined || attempt === 5) {
        throw new UserError(`Port ${port} of 127.0.0.1 is taken.`, 'Leave the port out, and a free one is chosen.');
      }
      port = await freePort();
    }
  } catch (error) {
    if (owned) await removeDir(place.dir);
    throw error;
  }
}

/** Starts the server; resolves when it answers a real query. */
async function launch(cluster: Cluster, port: number): Promise<ChildProcess | 'port taken'> {
  const log = await open(cluster.logFile, 'a', 0o600);
  const child = spawn(join(cluster.binaries.binDir, 'postgres'), ['-D', cluster.dataDir, '-c', `port=${port}`], {
    cwd: cluster.pgDir,
    env: serverEnv(),
    // Its own process group: Ctrl-C on the terminal is for the console, which stops the server in its turn.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    ...spawnAs(cluster.place.user),
  });
  let failure: string | undefined;
  child.on('error', error => (failure = error.message));
  child.on('exit', (code, signal) => (failure ??= `it ended with ${signal ?? code}`));
  await log.close();
  const ready = await until(async () => failure !== undefined || (await answers(cluster, port)), READY_WITHIN_MS);
  if (ready && failure === undefined) return child;
  const end = await lastLines(cluster.logFile, 8);
  child.kill('SIGKILL');
  if (/could not (bind|create any TCP)/.test(end)) return 'port taken';
  const why = failure ?? `no answer within ${READY_WITHIN_MS / 1000} s`;
  throw new UserError(`PostgreSQL did not start: ${why}. The end of its log:\n${end}`, diskHint(cluster.place));
}

async function answers({password}: Cluster, port: number): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: 2000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function handle(
  cluster: Cluster,
  port: number,
  first: ChildProcess,
  owned: boolean,
  onExit: PostgresOptions['onExit'],
): PostgresServer {
  let asked = false;
  const watch = (child: ChildProcess): ChildProcess =>
    child.once('exit', (code, signal) => asked || onExit?.(`PostgreSQL ended with ${signal ?? code}`));
  let child = watch(first);
  const end = async (steps: readonly EndStep[]): Promise<void> => {
    asked = true;
    await endPostmaster(child.pid as number, steps, cluster.dataDir);
  };
  return {
    host: '127.0.0.1',
    port,
    socketDir: cluster.pgDir,
    user: 'postgres',
    password: cluster.password,
    dir: cluster.place.dir,
    majorVersion: cluster.binaries.majorVersion,
    get pid() {
      return child.pid as number;
    },
    stop: async (mode = 'fast') => {
      await end(STOPS[mode]);
      if (owned) await removeDir(cluster.place.dir);
    },
    kill9: () => end([['SIGKILL', 5000]]),
    restart: async () => {
      await end(STOPS.fast);
      const next = await launch(cluster, port);
      if (next === 'port taken') throw new UserError(`Port ${port} of 127.0.0.1 was taken meanwhile.`);
      asked = false;
      child = watch(next);
    },
    log: () => lastLines(cluster.logFile, 40),
  };
}
