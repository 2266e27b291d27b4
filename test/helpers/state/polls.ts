import {randomBytes} from 'node:crypto';
import pg from 'pg';
import type {Failure} from '../../../src/core/errors.ts';
import {failureOf} from '../../../src/core/errors.ts';
import type {Io, Raw} from '../../../src/io/io.ts';
import {openPg, type Pg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import {systemClock} from '../../../src/monitor/clock.ts';
import {type AnyPoller, MONITOR_PG, type Reader, type Sources} from '../../../src/monitor/poller.ts';
import type {RedisIo} from '../../../src/monitor/redis-io.ts';
import {SourceError} from '../../../src/monitor/source-error.ts';

import {targetOf} from '../desk/desk.ts';
import {type Database, runSql} from '../servers/servers.ts';

export const SETTINGS = {slowMs: 1000, prefectDatabase: 'prefect'} as const;

/** The console's own kind of pool: one connection, more where the server is far away; short statements. */
export const monitorPool = (target: PgTarget, name = 'tradetop watch'): Pg =>
  openPg(target, loadSql(), {name, ...MONITOR_PG});

/** A pool with a new role that has the rights of `granted` (empty: none); both are added to what the test has made. */
export async function poolOfRole(
  on: Database,
  granted: string,
  {pools, roles}: {readonly pools: Pg[]; readonly roles: string[]},
): Promise<Pg> {
  const role = `r_${randomBytes(6).toString('hex')}`;
  roles.push(role);
  await runSql(
    on.config,
    `CREATE ROLE ${role} LOGIN PASSWORD 'p' ${granted === '' ? '' : `IN ROLE ${granted}`};
     GRANT CONNECT ON DATABASE ${on.name} TO ${role}`,
  );
  const pool = monitorPool(targetOf(on, role, 'p'));
  pools.push(pool);
  return pool;
}

const nobody = async (): Promise<never> => {
  throw new SourceError({why: 'down', message: 'not part of this test', next: ''});
};
const NO_IO: Io = {pgVersion: () => 0, query: nobody};
export const NO_REDIS: RedisIo = {ping: nobody, info: nobody, subscribers: nobody, lastSlow: nobody};

/** One reader without a loop: each call takes one reading. */
export function readerOf<Rows>(
  poller: {readonly reader: () => Reader<Rows>},
  sources: Partial<Sources>,
  settings: {readonly slowMs: number; readonly prefectDatabase: string} = SETTINGS,
  clock = systemClock,
): () => Promise<Rows> {
  const read = poller.reader();
  return () => read({trading: NO_IO, prefect: NO_IO, redis: NO_REDIS, ...sources}, settings, clock);
}

/** The reason why a reading gave no rows. */
export async function failureIn(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    return error instanceof SourceError ? error.failure : failureOf(error);
  }
  throw new Error('it gave rows');
}

/** Lets a server count so many different statements, 8,192 at most. */
export async function manyStatements(target: PgTarget, count: number): Promise<void> {
  const client = await session(target, 'many statements');
  const bits = (i: number): readonly string[] => [...i.toString(2).padStart(13, '0')];
  const statement = (i: number): string => `SELECT ${bits(i).map(bit => (bit === '1' ? 'now()' : '1'))}`;
  await client.query(Array.from({length: count}, (_, i) => statement(i)).join('; '));
  await client.end();
}

/** An Io that records the names of its statements. */
export function recorded(io: Io): Io & {readonly statements: Set<string>} {
  const statements = new Set<string>();
  return {
    ...io,
    statements,
    query: (sql, params, options): Promise<readonly Raw[]> => {
      statements.add(sql);
      return io.query(sql, params, options);
    },
  };
}

/** A new session on a server, whose backend a test may kill. */
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
