import {join} from 'node:path';
import {secret} from '../core/secret.ts';
import {withConnection} from '../io/pg-client.ts';
import {type Cluster, type ClusterOptions, diskHint, endPostmaster, makeCluster} from './cluster.ts';
import {makeSweptPlace} from './orphans.ts';
import type {EndStep} from './process.ts';
import {type RunningServer, runServer, type ServerSpec, serverEnv} from './server.ts';
import {removeDir, type TempDir} from './temp-dir.ts';

export type PostgresOptions = ClusterOptions & {
  /**
   * A private directory made by `makePlace`; without it one is made, and removed by `stop` (or, when we
   * are killed, by the next start of one).
   */
  readonly place?: TempDir | undefined;
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

/**
 * Makes a new cluster in a private directory and runs it: loopback and a Unix socket in that directory only, SCRAM with
 * a random password. As root it runs as the user postgres or nobody. Throws a UserError with the end of the server's
 * log when it does not come up.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const place = options.place ?? (await makeSweptPlace('tradetop-pg-'));
  const owned = options.place === undefined;
  try {
    const cluster = await makeCluster(place, options);
    const server = await runServer(specOf(cluster, options.onExit), options.port);
    return handle(cluster, server, owned);
  } catch (error) {
    if (owned) await removeDir(place.dir);
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
    user: cluster.place.user,
    logFile: cluster.logFile,
    answers: port => answers(cluster.password, port),
    portTaken: /could not (bind|create any TCP)/,
    readyWithinMs: 60_000,
    next: diskHint(cluster.place),
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
    dir: cluster.place.dir,
    majorVersion: cluster.binaries.majorVersion,
    get pid() {
      return server.pid();
    },
    stop: async (mode = 'fast') => {
      await server.end(STOPS[mode]);
      if (owned) await removeDir(cluster.place.dir);
    },
    kill9: () => server.end([['SIGKILL', 5000]]),
    restart: () => server.restart(STOPS.fast),
    log: server.log,
  };
}
