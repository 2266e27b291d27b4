import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import pg from 'pg';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {openPg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {readChecks} from '../../../src/verify/read-checks.ts';
import {runChecks} from '../../../src/verify/run.ts';
import {cloneDesk, targetOf} from '../../helpers/desk/desk.ts';
import {psqlFile, psqlVersion} from '../../helpers/servers/client-tools.ts';
import {type Database, freshDatabase, runSql} from '../../helpers/servers/servers.ts';

// The first release's database, frozen when it was current: its own scripts, run by psql on PostgreSQL 15, then some rows for
// every table, then `pg_dump --inserts --rows-per-insert=100`, without psql's \restrict lines and comments, and with
// `= ANY (ARRAY[…]::text[])` written as IN again, since PostgreSQL reads back another form than it stored. It never changes:
// upgrading it to this release tests every migration from the first on.
const FIRST_RELEASE = readFileSync(new URL('../../fixtures/first_release.sql', import.meta.url), 'utf8');

const sql = loadSql();
const step = (database: Database, name: string): Promise<string> => psqlFile(database, join(sql.dir, name));
const WAYS: readonly (readonly [way: string, skip: boolean, upgrade: (database: Database) => Promise<unknown>])[] = [
  [
    'tradetop setup',
    false,
    database =>
      setUp({
        trading: targetOf(database),
        prefect: {database: 'prefect', owner: 'prefect'},
        sql,
        only: ['databases', 'roles', 'tables', 'indexes'],
      }),
  ],
  [
    'psql',
    psqlVersion() === 0,
    async database => {
      await step(database, '02_create_core_tables.sql');
      await step(database, '03_create_indexes.sql');
    },
  ],
];

/** Everything but the months, which depend on the day on which the fixture was made or the test runs. */
const INVENTORY = `SELECT * FROM shared.inventory()
  WHERE object !~ '^data_ingestion\\.market_data_\\d{4}_\\d{2}$' ORDER BY 1, 2, 3, 4`;
const MONTHS = `SELECT object, definition FROM shared.inventory()
  WHERE kind = 'partition' AND object ~ '_\\d{4}_\\d{2}$' ORDER BY 1`;
const COLUMNS = `SELECT c.oid::regclass::text AS name, array_agg(attname::text ORDER BY attnum) AS columns
  FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
  WHERE relnamespace::regnamespace::text = ANY ('{data_ingestion,strategy_engine,execution,risk_management,analytics,notification,logging,shared}')
    AND relkind IN ('r', 'p') AND NOT relispartition GROUP BY c.oid ORDER BY 1`;

type Rows = readonly Readonly<Record<string, unknown>>[];
let first: Database;
let fresh: Database;
let clients: readonly pg.Client[];
beforeEach(async () => {
  // The roles that the fixture grants rights to belong to the server, and are created with the other database.
  fresh = await cloneDesk();
  first = await freshDatabase();
  await runSql(first.config, FIRST_RELEASE);
  clients = await Promise.all(
    [first, fresh].map(async ({config}) => {
      const client = new pg.Client(config);
      await client.connect();
      await client.query("SET timezone = 'UTC'");
      return client;
    }),
  );
});
afterEach(async () => {
  await Promise.all(clients.map(client => client.end()));
  await Promise.all([first.drop(), fresh.drop()]);
});
const rows = async (client: pg.Client, text: string): Promise<Rows> => (await client.query(text)).rows;

type Table = {readonly name: string; readonly columns: readonly string[]};
const tables = async (client: pg.Client): Promise<readonly Table[]> => (await client.query<Table>(COLUMNS)).rows;
/** The rows of a table, every value as text. */
const content = (client: pg.Client, {name, columns}: Table): Promise<Rows> =>
  rows(client, `SELECT ${columns.map(c => `${pg.escapeIdentifier(c)}::text`).join(', ')} FROM ${name}`);
/** Rows with some of their columns, in a fixed order. */
const sorted = (all: Rows, columns: readonly string[]): readonly string[] =>
  all.map(row => JSON.stringify(columns.map(c => row[c]))).toSorted();

describe.each(WAYS)('the first release’s database, upgraded by %s,', (_way, skip, upgrade) => {
  test.skipIf(skip)('is equal to a fresh set-up, with every row that it had', {timeout: 60_000}, async () => {
    const [client, other] = clients as [pg.Client, pg.Client];
    const before = await tables(client);
    const held: Rows[] = [];
    for (const table of before) held.push(await content(client, table));
    expect(before.filter((_, i) => held[i]?.length === 0)).toEqual([]);

    await upgrade(first);

    expect(await rows(client, INVENTORY)).toEqual(await rows(other, INVENTORY));
    expect(await rows(client, MONTHS)).toEqual(expect.arrayContaining([...(await rows(other, MONTHS))]));
    const record = 'SELECT version, name, checksum FROM shared.schema_migrations ORDER BY version';
    expect(await rows(client, record)).toEqual(await rows(other, record));
    const now = new Map((await tables(client)).map(table => [table.name, table.columns]));
    for (const [i, {name, columns}] of before.entries()) {
      if (name === 'shared.schema_migrations') continue;
      // What a migration renames or removes is compared in that migration's own test.
      const kept = columns.filter(column => now.get(name)?.includes(column));
      const rowsNow = await content(client, {name, columns: kept});
      expect(sorted(rowsNow, kept), name).toEqual(sorted(held[i] ?? [], kept));
    }
  });

  test.skipIf(skip)('passes every check of the set-up and accepts new rows after the old ones', async () => {
    const [client] = clients as [pg.Client];
    await upgrade(first);
    const io = openPg(targetOf(first), sql, {name: 'test', max: 1, statementMs: 30_000});
    const failed = (await runChecks(io, readChecks(sql), {only: ['setup']})).filter(r => r.status === 'fail');
    await io.close();
    expect(failed).toEqual([]);
    const id = `INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
      VALUES ('new', 'ord-1', 'ACC-2', 'MSFT', 1, 1, now()) RETURNING id`;
    expect(await rows(client, id)).toEqual([{id: '10'}]);
  });

  test.skipIf(skip)(
    'goes on with trades of other accounts than their orders, and the checks tell of them',
    async () => {
      const [client] = clients as [pg.Client];
      await rows(
        client,
        `INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at, created_at)
       VALUES ('stray', 'ord-1', 'ACC-9', 'MSFT', 1, 1, '2025-01-01Z', '2025-01-01Z')`,
      );
      await upgrade(first);
      const io = openPg(targetOf(first), sql, {name: 'test', max: 1, statementMs: 30_000});
      const found = async (id: string, full: boolean) =>
        (await runChecks(io, readChecks(sql), {only: [id], full}))[0]?.rows;
      const key = {
        object: 'execution.trades trades_as_their_orders',
        problem: 'is not valid: rows from before may break it',
      };
      try {
        expect(await found('setup_keys', false)).toEqual([key]);
        expect(await found('data_trades_match_orders', false)).toEqual([]);
        expect(await found('data_trades_match_orders', true)).toMatchObject([{trade_id: 'stray', account_id: 'ACC-9'}]);
        // A trade to come is refused, and once the old one is gone the key is in force for all.
        const another = `UPDATE execution.trades SET account_id = 'ACC-8' WHERE trade_id <> 'stray' AND order_id IS NOT NULL`;
        await expect(rows(client, another)).rejects.toThrow('trades_as_their_orders');
        await rows(client, `DELETE FROM execution.trades WHERE trade_id = 'stray'`);
        await upgrade(first);
        expect(await found('setup_keys', false)).toEqual([]);
      } finally {
        await io.close();
      }
    },
  );
});
