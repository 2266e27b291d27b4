import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {dumpServer} from '../../helpers/servers/client-tools.ts';
import {ownPostgres} from '../../helpers/servers/servers.ts';

const run = promisify(execFile);
const sql = loadSql();
const ready = await dumpServer();
const binDir = typeof ready === 'string' ? '' : ready.binDir;
let server: PostgresServer;

// A string says why no pg_dump here can read a server here.
describe.skipIf(typeof ready === 'string')('by hand and by command', () => {
  beforeAll(async () => {
    server = await ownPostgres({binDir});
  });
  afterAll(() => server?.stop());

  const client = (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    run(program, ['-h', server.host, '-p', `${server.port}`, '-U', 'postgres', ...args], {
      env: {...process.env, PGPASSWORD: server.password, ...env},
      maxBuffer: 1 << 26,
    });
  // Newer versions of pg_dump begin and end with a line that has a random key.
  const dumped = async (database: string): Promise<string> =>
    (await client('pg_dump', ['--schema-only', database])).stdout.replaceAll(/^\\(?:un)?restrict .*$/gm, '');

  it('the database is the same, line by line of pg_dump --schema-only', {timeout: 120_000}, async () => {
    const names = {TRADING_DB_NAME: 'by_hand', PREFECT_DB_NAME: 'by_hand_prefect'};
    await client('psql', ['-X', '-d', 'postgres', '-f', `${sql.dir}/01_create_databases.sql`], names);
    for (const file of ['02_create_core_tables', '03_create_indexes']) {
      await client('psql', ['-X', '-d', 'by_hand', '-f', `${sql.dir}/${file}.sql`], names);
    }
    await setUp({
      trading: targetOf({...server, database: 'by_command'}),
      prefect: {database: 'by_command_prefect', owner: 'prefect'},
      sql,
    });
    const [manual, command] = [await dumped('by_hand'), await dumped('by_command')];
    expect(manual.split('\n').length).toBeGreaterThan(2000);
    expect(command).toBe(manual);
    expect(await dumped('by_command_prefect')).toBe(await dumped('by_hand_prefect'));
  });
});
