import {join} from 'node:path';
import {secret} from '../core/secret.ts';
import {withConnection} from '../io/pg-client.ts';
import {type Cluster, type ClusterOptions, diskHint, endPostmaster, makeCluster} from './cluster.ts';
import {makeSweptTempDir} from './orphans.ts';
import type {EndStep} from './process.ts';
import {type RunningServer, runServer, type ServerSpec, serverEnv} from './server.ts';
import {removeDir, type TempDir} from './temp-dir.ts';

export type PostgresOptions = ClusterOptions & {
  /**
   * A private directory made by `makeTempDir`. Default: one is made, and removed by `stop` (or, if this process is
   * killed, by the next start of a server).
   */
  readonly tempDir?: TempDir | undefined;
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** Called when the server ends without having been asked to. */
  readonly onExit?: ((why: string) => void) | undefined;
};

/** smart: waits for the sessions; fast: ends them; immediate: as in a crash, without a checkpoint. */
type StopMode = 'smart' | 'fast' | 'immediate';

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
  /** The postmaster's; changes with `restart`. */
  readonly pid: number;
  readonly majorVersion: number;
  /** It began as the template that was given. */
  readonly fromTemplate: boolean;
  /** Stops it, works on its data directory and starts it again. */
  readonly whileStopped: (work: (dataDir: string) => Promise<void>) => Promise<void>;
  /** Stops it within a time limit and removes the directory if it was made here. Default mode: fast. */
  readonly stop: (mode?: StopMode) => Promise<void>;
  /** Sends SIGKILL to the postmaster; resolves when its backends have ended too. The directory stays. */
  readonly kill9: () => Promise<void>;
  /** Starts it again on the same data and port; a running one is stopped first (fast). */
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

/**
 * Makes a new cluster in a private directory and runs it: reachable by loopback and a Unix socket in that directory
 * only, SCRAM with a random password. If we are root it runs as the user postgres or nobody. Throws a UserError with
 * the last lines of the server's log when it does not start.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const tempDir = options.tempDir ?? (await makeSweptTempDir('tradetop-pg-'));
  const owned = options.tempDir === undefined;
  try {
    const cluster = await makeCluster(tempDir, options);
    const server = await runServer(specOf(cluster, options.onExit), options.port);
    return handle(cluster, server, owned);
  } catch (error) {
    if (owned) await removeDir(tempDir.dir);
    throw error;
  }
}

function specOf(cluster: Cluster, onExit: PostgresOptions['onExit']): ServerSpec {
  return {
    title: 'PostgreSQL',
    file: join(cluster.binaries.binDir, 'postgres'),
    args: async port => ['-D', cluster.dataDir, '-c', `port=${port}`],
    cwd: cluster.pgDir,
    env: serverEnv(),
    user: cluster.tempDir.user,
    logFile: cluster.logFile,
    answers: port => answers(cluster.password, port),
    portTaken: /could not (bind|create any TCP)/,
    readyWithinMs: 60_000,
    next: diskHint(cluster.tempDir),
    end: (pid, steps) => endPostmaster(pid, steps, cluster.dataDir),
    onExit,
  };
}

const answers = (password: string, port: number): Promise<boolean> =>
  withConnection(
    {host: '127.0.0.1', port, user: 'postgres', password: secret(password), database: 'postgres', ssl: 'disable'},
    {name: 'tradetop demo', connectMs: 2000},
    async () => true,
  ).catch(() => false);

function handle(cluster: Cluster, server: RunningServer, owned: boolean): PostgresServer {
  return {
    host: '127.0.0.1',
    port: server.port,
    socketDir: cluster.pgDir,
    user: 'postgres',
    password: cluster.password,
    dir: cluster.tempDir.dir,
    majorVersion: cluster.binaries.majorVersion,
    fromTemplate: cluster.fromTemplate,
    whileStopped: async work => {
      await server.end(STOPS.fast);
      await work(cluster.dataDir);
      await server.restart(STOPS.fast);
    },
    get pid() {
      return server.pid();
    },
    stop: async (mode = 'fast') => {
      await server.end(STOPS[mode]);
      if (owned) await removeDir(cluster.tempDir.dir);
    },
    kill9: () => server.end([['SIGKILL', 5000]]),
    restart: () => server.restart(STOPS.fast),
    log: server.log,
  };
}
