import pg from 'pg';
import {secret} from '../../../src/core/secret.ts';
import type {PgTarget} from '../../../src/io/pg-target.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {type Database, freshDatabase, runSql, servers} from '../servers/servers.ts';

const TEMPLATE = 'tradetop_template';
const BUILDING = 'tradetop_template_building';

/** How to reach a test database as tradetop's own code is told it. */
export const targetOf = ({config}: Database, user = config.user, password = config.password): PgTarget => ({
  host: config.host,
  port: config.port,
  database: config.database,
  user,
  password: secret(password),
  ssl: 'disable',
});

/**
 * A trading database of one's own, as a fresh set-up leaves it (without Prefect's database): a copy of a template that
 * the first who asks sets up. Roles belong to the whole server; they have no passwords: use `SET ROLE`, or ALTER ROLE.
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
        trading: {host, port, user, password: secret(password), database: BUILDING, ssl: 'disable'},
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

/** What every test gives a role for a password, so that tests that run at once do not lock each other out. */
const ROLE_PASSWORD = 'a password for the tests';

/** A connection as one of the roles that the set-up makes, by a login of its own. */
export async function loginAs(role: string, {config}: Database): Promise<pg.Client> {
  await runSql(config, `ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(ROLE_PASSWORD)}`).catch(
    // Another test's process gives it the same password at the same moment.
    (error: {code?: string}) => (error.code === 'XX000' ? undefined : Promise.reject(error)),
  );
  const client = new pg.Client({...config, user: role, password: ROLE_PASSWORD});
  client.on('error', () => {});
  await client.connect();
  return client;
}
