import {randomBytes} from 'node:crypto';
import {connect, type Socket} from 'node:net';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import pg from 'pg';
import {inject} from 'vitest';
import {makeOwnedTempDir} from '../../../src/demo/orphans.ts';
import {type PostgresOptions, type PostgresServer, startPostgres} from '../../../src/demo/postgres.ts';
import {type RedisOptions, type RedisServer, startRedis} from '../../../src/demo/redis.ts';
import type {TempDir} from '../../../src/demo/temp-dir.ts';

/** How to reach the shared servers of a test run. */
export type Servers = {
  readonly postgres: Pick<PostgresServer, 'host' | 'port' | 'user' | 'password' | 'majorVersion' | 'dir'>;
  readonly redis: Pick<RedisServer, 'host' | 'port' | 'password' | 'url' | 'version'>;
};

/** A test file's request to the test run. */
export type Question = {readonly id: number} & (
  | {readonly ask: 'servers'}
  | {readonly ask: 'keep' | 'drop'; readonly dir: string}
);
export type Answer = {readonly id: number; readonly servers?: Servers; readonly error?: string};

declare module 'vitest' {
  export interface ProvidedContext {
    readonly testRun: string;
  }
}

/** The PostgreSQL (superuser `postgres`) and Redis that the whole test run shares. The first request starts them. */
export async function servers(): Promise<Servers> {
  const {servers} = await ask({ask: 'servers'});
  if (!servers) throw new Error('the test run has no servers');
  return servers;
}

/** A private directory of this test file, cleared with everything in it when the file's process ends in any way. */
export async function ownTempDir(): Promise<TempDir> {
  const tempDir = await makeOwnedTempDir('own-', [inject('testRun')]);
  await ask({ask: 'keep', dir: tempDir.dir});
  return tempDir;
}

/** A private PostgreSQL, for tests that kill, stop or configure it. Call `stop` at the end. */
export async function ownPostgres(options: Omit<PostgresOptions, 'tempDir'> = {}): Promise<PostgresServer> {
  return startPostgres({...options, tempDir: await ownTempDir()});
}

/** A private Redis, for tests that kill, stop or configure it. Call `stop` at the end. */
export async function ownRedis(options: Omit<RedisOptions, 'tempDir'> = {}): Promise<RedisServer> {
  return startRedis({...options, tempDir: await ownTempDir()});
}

/** A private database on the shared server. */
export type Database = {
  readonly name: string;
  /** Settings for `pg.Client` or `pg.Pool` as the superuser. */
  readonly config: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
    readonly ssl: false;
  };
  /** Ends its sessions and drops it. The end of the test run does it too. */
  readonly drop: () => Promise<void>;
};

/** Creates a database: a copy of `template`, or empty. */
export async function freshDatabase(template = 'template0'): Promise<Database> {
  const {postgres} = await servers();
  const name = `t_${randomBytes(8).toString('hex')}`;
  const {host, port, user, password} = postgres;
  const config = {host, port, user, password, ssl: false} as const;
  const admin = {...config, database: 'postgres'};
  await runSql(admin, `CREATE DATABASE ${name} TEMPLATE ${pg.escapeIdentifier(template)}`);
  return {
    name,
    config: {...config, database: name},
    drop: () => runSql(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** Runs an SQL text on a connection of its own. */
export async function runSql(config: pg.ClientConfig, text: string): Promise<void> {
  const client = new pg.Client(config);
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

type Channel = {readonly socket: Socket; readonly waiting: Map<number, (answer: Answer) => void>};

// One connection for each test file: the test run takes its closing for the file's end.
let channel: Promise<Channel> | undefined;

async function ask(
  question: Question extends infer Q ? (Q extends unknown ? Omit<Q, 'id'> : never) : never,
): Promise<Answer> {
  channel ??= openChannel();
  const {socket, waiting} = await channel;
  const id = Math.floor(Math.random() * 2 ** 48);
  socket.ref();
  const answer = await new Promise<Answer>(resolve => {
    waiting.set(id, resolve);
    socket.write(`${JSON.stringify({...question, id})}\n`);
  });
  waiting.delete(id);
  if (waiting.size === 0) socket.unref();
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer;
}

function openChannel(): Promise<Channel> {
  const socket = connect(join(inject('testRun'), 'ask.sock'));
  const waiting = new Map<number, (answer: Answer) => void>();
  createInterface({input: socket}).on('line', line => {
    const answer = JSON.parse(line) as Answer;
    waiting.get(answer.id)?.(answer);
  });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve({socket, waiting}));
    socket.on('error', error => {
      reject(error);
      for (const [id, done] of waiting) done({id, error: `the test run's servers are gone: ${error.message}`});
    });
  });
}
