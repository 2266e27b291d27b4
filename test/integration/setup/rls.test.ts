import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {cloneDesk} from '../../helpers/desk/desk.ts';
import type {Database} from '../../helpers/servers/servers.ts';

const TABLES = ['orders', 'trades', 'positions'] as const;
type Table = (typeof TABLES)[number];

let db: Database;
let admin: pg.Client;
let app: pg.Client;
/** Sessions of the application: the superuser takes on its role, and with it row-level security. */
const asApp = async (client: pg.Client): Promise<pg.Client> => {
  await client.connect();
  await client.query('SET SESSION AUTHORIZATION trading_app');
  return client;
};

beforeAll(async () => {
  db = await cloneDesk();
  admin = new pg.Client(db.config);
  await admin.connect();
  for (const account of ['A', 'B']) {
    await admin.query(
      `INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
       VALUES ($1, $2, 'AAPL', 'buy', 'market', 10)`,
      [`o-${account}`, account],
    );
    await admin.query(
      `INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
       VALUES ($1, $2, $3, 'AAPL', 10, 5, now())`,
      [`t-${account}`, `o-${account}`, account],
    );
    await admin.query(
      `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ($1, 'AAPL', 10, 5)`,
      [account],
    );
  }
  app = await asApp(new pg.Client(db.config));
});
afterAll(async () => {
  await app?.end();
  await admin?.end();
  await db?.drop();
});

/** Runs `work` in a transaction of the application with the given account; rolls back. */
async function within<T>(account: string | undefined, work: () => Promise<T>, client = app): Promise<T> {
  await client.query('BEGIN');
  try {
    if (account !== undefined) await client.query("SELECT set_config('app.current_account_id', $1, true)", [account]);
    return await work();
  } finally {
    await client.query('ROLLBACK');
  }
}
const accounts = async (table: Table, client = app): Promise<readonly string[]> =>
  (await client.query(`SELECT DISTINCT account_id FROM execution.${table} ORDER BY 1`)).rows.map(r => r.account_id);
const changed = async (statement: string): Promise<number | null> => (await app.query(statement)).rowCount;
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: {code?: string}) => String(error.code),
  );

/** What becomes of a change of rows, or 42501 for trades: fills are append-only. */
const changes = async (table: Table, statement: string): Promise<unknown> =>
  table === 'trades' ? code(app.query(statement)) : changed(statement);
const orDenied = (table: Table, rows: number): unknown => (table === 'trades' ? '42501' : rows);

const insertOf = (table: Table, account: string): string =>
  ({
    orders: `INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
             VALUES ('new', '${account}', 'MSFT', 'buy', 'market', 1)`,
    trades: `INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
             VALUES ('new', '${account}', 'MSFT', 1, 1, now())`,
    positions: `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('${account}', 'MSFT', 1, 1)`,
  })[table];

describe.each(TABLES)('an application for account A, on %s', table => {
  it('reads only its own rows', async () => {
    expect(await within('A', () => accounts(table))).toEqual(['A']);
  });

  it('inserts its own rows, and none for B', async () => {
    expect(await within('A', () => changed(insertOf(table, 'A')))).toBe(1);
    expect(await within('A', () => code(app.query(insertOf(table, 'B'))))).toBe('42501');
  });

  it('updates its own rows, and none of B', async () => {
    const all = `UPDATE execution.${table} SET created_at = now()`;
    expect(await within('A', () => changes(table, all))).toBe(orDenied(table, 1));
    expect(await within('A', () => changes(table, `${all} WHERE account_id = 'B'`))).toBe(orDenied(table, 0));
  });

  it('cannot give a row of its own to B', async () => {
    expect(await within('A', () => code(app.query(`UPDATE execution.${table} SET account_id = 'B'`)))).toBe('42501');
  });

  it('deletes its own rows, and none of B', async () => {
    // An order that has trades cannot be deleted.
    const own = `DELETE FROM execution.${table}`;
    expect(await within('A', () => (table === 'orders' ? code(app.query(own)) : changes(table, own)))).toBe(
      table === 'orders' ? '23503' : orDenied(table, 1),
    );
    expect(await within('A', () => changes(table, `${own} WHERE account_id = 'B'`))).toBe(orDenied(table, 0));
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['of an account that does not exist', 'C'],
    ['another case', 'a'],
    ['with a blank', 'A '],
    ['a pattern', '%'],
  ])('sees and writes nothing when the setting is %s', async (_, account) => {
    expect(await within(account, () => accounts(table))).toEqual([]);
    for (const change of [`UPDATE execution.${table} SET created_at = now()`, `DELETE FROM execution.${table}`]) {
      expect(await within(account, () => changes(table, change))).toBe(orDenied(table, 0));
    }
    expect(await within(account, () => code(app.query(insertOf(table, 'A'))))).toBe('42501');
  });

  it('sees the other account as soon as the setting changes within a transaction, also in prepared statements', async () => {
    const seen = await within('A', async () => {
      const read = () => app.query({name: `read-${table}`, text: `SELECT account_id FROM execution.${table}`});
      const first = await read();
      await app.query("SELECT set_config('app.current_account_id', 'B', true)");
      const second = await read();
      await app.query("SELECT set_config('app.current_account_id', '', true)");
      return [first, second, await read()].map(({rows}) => rows.map(r => r.account_id));
    });
    expect(seen).toEqual([['A'], ['B'], []]);
  });

  it('writes for the other account, and not for its own, once the setting has changed within a transaction', async () => {
    await within('A', async () => {
      if (table !== 'trades') expect(await changed(`UPDATE execution.${table} SET created_at = now()`)).toBe(1);
      await app.query("SELECT set_config('app.current_account_id', 'B', true)");
      if (table !== 'trades') {
        expect(await changed(`UPDATE execution.${table} SET created_at = now() WHERE account_id = 'A'`)).toBe(0);
        expect(await changed(`DELETE FROM execution.${table} WHERE account_id = 'A'`)).toBe(0);
      }
      expect(await changed(insertOf(table, 'B'))).toBe(1);
      if (table !== 'trades') expect(await changed(`UPDATE execution.${table} SET created_at = now()`)).toBe(2);
      expect(await code(app.query(insertOf(table, 'A')))).toBe('42501');
    });
  });

  it('returns to the earlier setting when a savepoint is rolled back', async () => {
    await within('A', async () => {
      await app.query("SAVEPOINT s; SELECT set_config('app.current_account_id', 'B', true)");
      expect(await accounts(table)).toEqual(['B']);
      await app.query('ROLLBACK TO SAVEPOINT s');
      expect(await accounts(table)).toEqual(['A']);
    });
  });

  it('takes nothing from B by an upsert or by an update that reads other tables', async () => {
    const other = table === 'trades' ? 'orders' : 'trades';
    const joined = `UPDATE execution.${table} AS t SET created_at = now() FROM execution.${other} AS o WHERE o.account_id = 'B'`;
    expect(await within('A', () => changes(table, joined))).toBe(orDenied(table, 0));
    if (table !== 'positions') return;
    const upsert = `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price) VALUES ('B', 'AAPL', 1, 1)
      ON CONFLICT (account_id, symbol) DO UPDATE SET quantity = 0`;
    expect(await within('A', () => code(app.query(upsert)))).toBe('42501');
  });
});

describe('row-level security', () => {
  it('leaves no account set for the next user of a pooled connection', async () => {
    const pool = new pg.Pool({...db.config, max: 1});
    pool.on('error', () => {});
    try {
      const seen: (readonly string[])[] = [];
      for (const account of ['A', undefined, 'B', undefined]) {
        const client = await pool.connect();
        await client.query('SET SESSION AUTHORIZATION trading_app');
        await client.query('BEGIN');
        if (account) await client.query("SELECT set_config('app.current_account_id', $1, true)", [account]);
        seen.push((await client.query('SELECT account_id FROM execution.trades')).rows.map(r => r.account_id));
        await client.query(account === 'A' ? 'COMMIT' : 'ROLLBACK');
        client.release();
      }
      expect(seen).toEqual([['A'], [], ['B'], []]);
    } finally {
      await pool.end();
    }
  });

  it('applies to a setting of the session too, until it is reset', async () => {
    await app.query("SET app.current_account_id = 'A'");
    expect(await accounts('trades')).toEqual(['A']);
    await app.query('RESET app.current_account_id');
    expect(await accounts('trades')).toEqual([]);
  });

  it.each([
    'svc_execution',
    'svc_risk_management',
    'svc_analytics',
    'tradetop_sync',
    'tradetop_monitor',
    'tradetop_operator',
  ])('lets %s see every account', async role => {
    await admin.query('BEGIN');
    await admin.query(`SET LOCAL ROLE ${role}`);
    const seen: (readonly string[])[] = [];
    for (const table of TABLES) seen.push(await accounts(table, admin));
    await admin.query('ROLLBACK');
    expect(seen).toEqual([
      ['A', 'B'],
      ['A', 'B'],
      ['A', 'B'],
    ]);
  });

  it('cannot be switched off by the application', async () => {
    await app.query('SET row_security = off');
    const refused = await code(app.query('SELECT * FROM execution.trades'));
    await app.query('RESET row_security');
    expect(refused).toBe('42501');
    expect(await code(app.query('ALTER TABLE execution.trades DISABLE ROW LEVEL SECURITY'))).toBe('42501');
    expect(await code(app.query('CREATE POLICY open ON execution.trades USING (true)'))).toBe('42501');
    expect(await code(app.query('SET ROLE svc_execution'))).toBe('42501');
  });

  it('lets an account’s rows be read by index', async () => {
    await admin.query(`INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
      SELECT 'many-' || n, 'M-' || n % 500, 'AAPL', 1, 1, now() FROM generate_series(1, 20000) AS n`);
    await admin.query('ANALYZE execution.trades');
    const plan = await within('A', () => app.query('EXPLAIN SELECT * FROM execution.trades'));
    expect(plan.rows.map(r => r['QUERY PLAN']).join('\n')).toMatch(/Index.* on .*idx_trades_account_id/);
  });
});

describe('the lives of the orders', () => {
  const step = (order: string, account: string, n = 1) =>
    `INSERT INTO execution.execution_logs (order_id, account_id, symbol, step, status, occurred_at)
     VALUES ('${order}', '${account}', 'AAPL', ${n}, 'pending', now())`;

  it('are kept apart by account as the orders are, and a step belongs to the account of its order', async () => {
    await admin.query(step('o-B', 'B'));
    const seen = () => app.query('SELECT order_id FROM execution.execution_logs');
    expect((await within('A', seen)).rows).toEqual([]);
    expect((await within('B', seen)).rows).toEqual([{order_id: 'o-B'}]);
    expect(await within('A', () => changed(step('o-A', 'A')))).toBe(1);
    expect(await within('A', () => code(app.query(step('o-A', 'B'))))).toBe('42501');
    expect(await within('A', () => code(app.query(step('o-B', 'A', 2))))).toBe('23503');
    for (const change of ['UPDATE execution.execution_logs SET step = 9', 'DELETE FROM execution.execution_logs']) {
      expect(await within('B', () => code(app.query(change)))).toBe('42501');
    }
  });
});
