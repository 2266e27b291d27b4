import pg from 'pg';
import type {Failure} from '../../../src/core/errors.ts';
import {failureOf} from '../../../src/core/errors.ts';
import {secret} from '../../../src/core/secret.ts';
import type {Io, Raw} from '../../../src/io/io.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import type {PgTarget} from '../../../src/io/pg-target.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {systemClock} from '../../../src/monitor/clock.ts';
import {type AnyPoller, MONITOR_PG, type Reader, type Sources} from '../../../src/monitor/poller.ts';
import type {RedisIo} from '../../../src/monitor/redis-io.ts';
import {SourceError} from '../../../src/monitor/source-error.ts';

export const SETTINGS = {slowMs: 1000, prefectDatabase: 'prefect'} as const;

/** How to reach a PostgreSQL of a test. */
export type Reachable = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
};

export const targetFor = (server: Reachable, database: string, more: Partial<Reachable> = {}): PgTarget => {
  const {host, port, user, password} = {...server, ...more};
  return {host, port, user, database, password: secret(password), ssl: 'disable'};
};

/** The console's own kind of pool: one connection, short statements. */
export const monitorPool = (target: PgTarget, name = 'tradetop watch'): Pg =>
  openPg(target, loadSql(), {name, max: 1, ...MONITOR_PG});

const nobody = async (): Promise<never> => {
  throw new SourceError({why: 'down', message: 'not part of this test', next: ''});
};
const NO_IO: Io = {pgVersion: () => 0, query: nobody};
export const NO_REDIS: RedisIo = {ping: nobody, info: nobody, subscribers: nobody};

/** Asks with one reader again and again, without a loop: each call is one reading. */
export function asking<Rows>(
  poller: {readonly reader: () => Reader<Rows>},
  sources: Partial<Sources>,
  settings: {readonly slowMs: number; readonly prefectDatabase: string} = SETTINGS,
): () => Promise<Rows> {
  const read = poller.reader();
  return () => read({trading: NO_IO, prefect: NO_IO, redis: NO_REDIS, ...sources}, settings, systemClock);
}

/** Why a reading gave no rows. */
export async function failureIn(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    return error instanceof SourceError ? error.failure : failureOf(error);
  }
  throw new Error('it gave rows');
}

/** An Io that notes the statements that are asked through it. */
export function noted(io: Io): Io & {readonly asked: Set<string>} {
  const asked = new Set<string>();
  return {
    ...io,
    asked,
    query: (sql, params, options): Promise<readonly Raw[]> => {
      asked.add(sql);
      return io.query(sql, params, options);
    },
  };
}

/** A session of one's own on a server, whose backend may be killed. */
export async function session(target: PgTarget, name: string): Promise<pg.Client> {
  const {host, port, user, database} = target;
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    password: target.password() ?? '',
    ssl: false,
    application_name: name,
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

export const pollerList = (all: Readonly<Record<string, AnyPoller>>): readonly AnyPoller[] => Object.values(all);
