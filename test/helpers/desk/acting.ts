import {randomBytes} from 'node:crypto';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import pg from 'pg';
import {createGate, type Gate, type GateOptions} from '../../../src/actions/gate.ts';
import * as actions from '../../../src/actions/index.ts';
import {type Config, loadConfig} from '../../../src/config/config.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {ownPostgres, servers} from '../servers/servers.ts';
import {targetOf} from './desk.ts';

/** A server that actions are tried on. */
export type Server = {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly stop: () => Promise<unknown>;
};

/** PostgreSQL 15 of this machine, where VACUUM is the owner's alone and the server's words are the older ones. */
const OLD_BIN = '/usr/lib/postgresql/15/bin';
export const oldBinDirs: readonly string[] = existsSync(join(OLD_BIN, 'postgres')) ? [OLD_BIN] : [];
export const oldServer: readonly (readonly [string, () => Promise<Server>])[] = oldBinDirs.map(binDir => [
  'PostgreSQL 15',
  () => ownPostgres({binDir}),
]);

/** The run's own PostgreSQL. */
export const newServer: readonly [string, () => Promise<Server>] = [
  'PostgreSQL 18',
  async () => ({...(await servers()).postgres, stop: async () => {}}),
];

/** A set-up trading database with an operator of its own. */
export type Bench = {
  readonly database: string;
  readonly admin: pg.Client;
  /** Connects one more superuser session. */
  readonly session: () => Promise<pg.Client>;
  /** Makes a login role in the given roles; gives its name. */
  readonly role: (memberOf: readonly string[], settings?: Readonly<Record<string, string>>) => Promise<string>;
  /** The environment in which a program connects here as that user. */
  readonly env: (user: string) => Readonly<Record<string, string>>;
  readonly config: (user: string, env?: Readonly<Record<string, string>>) => Config;
  readonly gate: (user: string, options?: Partial<GateOptions>) => Gate;
  readonly close: () => Promise<void>;
};

/**
 * Sets up the trading system in a database of its own, which is dropped with its roles at the end. On a PostgreSQL below 17
 * the operator may VACUUM as the owner, unless it is said otherwise.
 */
export async function makeBench(server: Server, {operatorMayVacuum = true} = {}): Promise<Bench> {
  const database = `act_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const login = {host: server.host, port: server.port, user: 'postgres', password: server.password, ssl: false};
  await setUp({
    trading: targetOf({...login, database}),
    prefect: {database: 'prefect', owner: 'prefect'},
    sql: loadSql(),
    only: ['databases', 'roles', 'tables', 'indexes'],
    operatorMayVacuum,
  });
  const clients: pg.Client[] = [];
  const gates: Gate[] = [];
  const roles: string[] = [];
  const session = async (db = database): Promise<pg.Client> => {
    const client = new pg.Client({...login, database: db});
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  const admin = await session();
  const passwordOf = (user: string): string => (user === 'postgres' ? server.password : password);
  const config: Bench['config'] = (user, more = {}) =>
    loadConfig(
      {host: server.host, port: server.port, user, database},
      {TRADING_DB_PASSWORD: passwordOf(user), HOME: '/nonexistent', ...more},
    );
  return {
    database,
    admin,
    session: () => session(),
    role: async (memberOf, settings = {}) => {
      const name = `r_${randomBytes(6).toString('hex')}`;
      await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
      await admin.query(`GRANT CONNECT ON DATABASE ${database} TO ${name}`);
      for (const of of memberOf) await admin.query(`GRANT ${of} TO ${name}`);
      for (const [key, value] of Object.entries(settings))
        await admin.query(`ALTER ROLE ${name} SET ${key} = '${value}'`);
      roles.push(name);
      return name;
    },
    config,
    env: user => ({
      POSTGRES_HOST: server.host,
      POSTGRES_PORT: String(server.port),
      TRADING_DB_NAME: database,
      TRADING_DB_USER: user,
      TRADING_DB_PASSWORD: passwordOf(user),
      HOME: '/nonexistent',
    }),
    gate: (user, options = {}) => {
      const gate = createGate({
        config: config(user),
        sql: loadSql(),
        actions: Object.values(actions),
        name: 'tradetop maintain',
        ...options,
      });
      gates.push(gate);
      return gate;
    },
    close: async () => {
      await Promise.all(gates.map(g => g.close()));
      await Promise.all(clients.map(c => c.end().catch(() => {})));
      const last = await session('postgres');
      await last.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
      for (const role of roles) await last.query(`DROP ROLE ${role}`);
      await last.end();
      await server.stop();
    },
  };
}

/** Waits for a run's end at most so long; else says what the server does meanwhile. */
export async function within<T>(running: Promise<T>, admin: pg.Client, limitMs = 25_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(async () => {
      const {rows} = await admin.query(
        `SELECT pid, application_name, state, wait_event_type, wait_event, now() - query_start AS since, left(query, 80)
         FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
      reject(new Error(`waited ${limitMs} ms for a run's end; the server: ${JSON.stringify(rows)}`));
    }, limitMs);
  });
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}
