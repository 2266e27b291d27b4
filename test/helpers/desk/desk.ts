import pg from 'pg';
import {secret} from '../../../src/core/secret.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {PgTarget} from '../../../src/io/targets.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {type Database, freshDatabase, runSql, servers} from '../servers/servers.ts';

const TEMPLATE = 'tradetop_template';
const BUILDING = 'tradetop_template_building';

type Login = {readonly host: string; readonly port: number; readonly user: string; readonly password: string};

/** A test's database as a target of tradetop's own code; `{...server, database}` names one of any server. */
export function targetOf(
  at: Pick<Database, 'config'> | (Login & {readonly database: string}),
  user?: string,
  password?: string,
): PgTarget {
  const login = 'config' in at ? at.config : at;
  const {host, port, database} = login;
  return {host, port, database, user: user ?? login.user, password: secret(password ?? login.password), ssl: 'disable'};
}

/**
 * Creates a trading database as a fresh set-up does (without Prefect's database): a copy of a template that the first
 * caller sets up. Roles belong to the whole server; they have no passwords: use `SET ROLE`, or ALTER ROLE.
 */
export async function cloneDesk(): Promise<Database> {
  const {postgres} = await servers();
  const {host, port, user, password} = postgres;
  const admin = new pg.Client({host, port, user, password, database: 'postgres', ssl: false});
  await admin.connect();
  try {
    await admin.query(`SELECT pg_advisory_lock(hashtextextended('${TEMPLATE}', 0))`);
    const {rows} = await admin.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (rows.length === 0) {
      await setUp({
        trading: targetOf({...postgres, database: BUILDING}),
        prefect: {database: 'prefect', owner: 'prefect'},
        sql: loadSql(),
        only: ['databases', 'roles', 'tables', 'indexes'],
      });
      await admin.query(`ALTER DATABASE ${BUILDING} RENAME TO ${TEMPLATE}`);
    }
  } finally {
    await admin.end();
  }
  return freshDatabase(TEMPLATE);
}

/** The password that every test gives a role, so that parallel tests do not lock each other out. */
const ROLE_PASSWORD = 'a password for the tests';

/** Connects as one of the set-up's roles, with its own login. */
export async function loginAs(role: string, {config}: Database): Promise<pg.Client> {
  await runSql(config, `ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(ROLE_PASSWORD)}`).catch(
    // Another test sets the same password at the same moment.
    (error: {code?: string}) => (error.code === 'XX000' ? undefined : Promise.reject(error)),
  );
  const client = new pg.Client({...config, user: role, password: ROLE_PASSWORD});
  client.on('error', () => {});
  await client.connect();
  return client;
}
