import {readFileSync} from 'node:fs';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {KEPT} from '../../../src/actions/kept-tables.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {RETAINED} from '../../../src/schedule/jobs.ts';
import {describedSchema} from '../../../src/setup/described-schema.ts';
import {cloneDesk} from '../../helpers/desk/desk.ts';
import {type Database, servers} from '../../helpers/servers/servers.ts';

let db: Database;
let client: pg.Client;
beforeAll(async () => {
  db = await cloneDesk();
  client = new pg.Client(db.config);
  await client.connect();
  await client.query(`INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
    VALUES ('known', 'A', 'AAPL', 'buy', 'market', 10)`);
  await client.query(`INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
    VALUES ('known', 'known', 'A', 'AAPL', 1, 1, now())`);
});
afterAll(async () => {
  await client?.end();
  await db?.drop();
});

const column = async (text: string, values: readonly unknown[] = []): Promise<readonly unknown[]> =>
  (await client.query({text, values: [...values], rowMode: 'array'})).rows.map(row => row[0]);
const OURS =
  "('data_ingestion','execution','strategy_engine','risk_management','analytics','notification','logging','shared')";

describe('the schema of the trading database', () => {
  it('has every table of the architecture review in its service’s schema', async () => {
    const tables = await column(
      `SELECT table_schema || '.' || table_name FROM information_schema.tables
       WHERE table_schema IN ${OURS} AND table_type = 'BASE TABLE' AND table_name !~ '_(20|default)'
         AND table_name IN ('market_data', 'data_quality_logs', 'orders', 'trades', 'positions', 'strategies',
           'strategy_signals', 'strategy_performance', 'risk_limits', 'risk_events', 'portfolio_summary',
           'performance_metrics', 'notification_configs', 'notification_logs', 'system_logs', 'performance_logs',
           'archived_system_logs', 'audit_log', 'system_config') ORDER BY 1`,
    );
    expect(tables).toEqual([
      'analytics.performance_metrics',
      'analytics.portfolio_summary',
      'data_ingestion.data_quality_logs',
      'data_ingestion.market_data',
      'execution.orders',
      'execution.positions',
      'execution.trades',
      'logging.archived_system_logs',
      'logging.performance_logs',
      'logging.system_logs',
      'notification.notification_configs',
      'notification.notification_logs',
      'risk_management.risk_events',
      'risk_management.risk_limits',
      'shared.audit_log',
      'shared.system_config',
      'strategy_engine.strategies',
      'strategy_engine.strategy_performance',
      'strategy_engine.strategy_signals',
    ]);
  });

  it('has a retention for each table, or a reason why its rows are kept', async () => {
    const tables = await column(
      `SELECT relnamespace::regnamespace || '.' || relname FROM pg_class
       WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace::regnamespace::text IN ${OURS} ORDER BY 1`,
    );
    const listed = [...RETAINED, ...Object.keys(KEPT)];
    expect(listed.toSorted()).toEqual(tables.toSorted());
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('has every column of the review’s four tables with its type, and its defaults and enumerations', async () => {
    const common = 'created_at timestamptz=now()';
    const price = 'quantity numeric(15,4)!; price numeric(15,4)';
    const who = 'account_id varchar(50)!; symbol varchar(20)!';
    const review: Readonly<Record<string, string>> = {
      'data_ingestion.market_data': `id bigint!; symbol varchar(20)!; timestamp timestamptz!; open numeric(15,4); high numeric(15,4);
        low numeric(15,4); close numeric(15,4); volume bigint; ${common}`,
      'execution.orders': `id bigint!; order_id varchar(100)!; ${who}; side execution.order_side!; order_type execution.order_type!;
        ${price}; stop_price numeric(15,4); time_in_force execution.time_in_force='day'; status execution.order_status!='pending';
        strategy varchar(100); session_id varchar(100); ${common}; updated_at timestamptz=now()`,
      'execution.trades': `id bigint!; trade_id varchar(100)!; order_id varchar(100); ${who}; ${price}!; commission numeric(10,4)=0;
        executed_at timestamptz!; settlement_date date; strategy varchar(100); trade_type varchar(20); ${common}`,
      'execution.positions': `id bigint!; ${who}; quantity numeric(15,4)!; avg_price numeric(15,4)!; market_value numeric(15,4);
        unrealized_pnl numeric(15,4); realized_pnl numeric(15,4)=0; last_updated timestamptz=now(); ${common}`,
    };
    const asked = Object.entries(review).flatMap(([table, columns]) =>
      columns.split(';').map(column => {
        const [, name, type, required, value] = /^\s*(\S+) ([^\s!=]+)(!?)=?(.*)$/.exec(column) ?? [];
        return {table, name, type, required, value};
      }),
    );
    const {rows} = await client.query<Record<'name' | 'type' | 'required' | 'value', string>>(
      `SELECT attrelid::regclass || '.' || attname AS name, CASE WHEN attnotnull THEN '!' ELSE '' END AS required,
         replace(replace(format_type(atttypid, atttypmod), 'character varying', 'varchar'), 'timestamp with time zone', 'timestamptz') AS type,
         COALESCE(regexp_replace(pg_get_expr(adbin, adrelid), '::.*', ''), '') AS value
       FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE attrelid = ANY ($1::regclass[]) AND attnum > 0`,
      [Object.keys(review)],
    );
    const found = new Map(rows.map(row => [row.name, row]));
    expect(asked).toHaveLength(47);
    // What the review lets be null may be required here; what it does not give a default may have one.
    for (const {table, name, type, required, value} of asked) {
      const has = found.get(`${table}.${name}`);
      expect([name, has?.type]).toEqual([name, type]);
      if (required) expect([name, has?.required]).toEqual([name, required]);
      if (value) expect([name, has?.value]).toEqual([name, value]);
    }
    const labels = await column(
      `SELECT enumtypid::regtype || ': ' || string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum GROUP BY enumtypid ORDER BY 1`,
    );
    expect(labels).toEqual([
      'execution.order_side: buy sell',
      'execution.order_status: pending submitted filled partially_filled cancelled rejected',
      'execution.order_type: market limit stop stop_limit',
      'execution.time_in_force: day gtc ioc fok',
    ]);
  });

  it('has the keys and partitions of the review’s four tables', async () => {
    const keys = await column(
      `SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
       WHERE conrelid = ANY ('{data_ingestion.market_data,execution.orders,execution.trades,execution.positions}'::regclass[])
         AND contype IN ('p', 'u', 'f')`,
    );
    expect(keys).toEqual(
      expect.arrayContaining([
        'data_ingestion.market_data PRIMARY KEY (id, "timestamp")',
        'data_ingestion.market_data UNIQUE (symbol, "timestamp")',
        'execution.orders PRIMARY KEY (id)',
        'execution.orders UNIQUE (order_id)',
        'execution.trades PRIMARY KEY (id)',
        'execution.trades UNIQUE (trade_id)',
        'execution.trades FOREIGN KEY (order_id) REFERENCES execution.orders(order_id)',
        'execution.positions PRIMARY KEY (id)',
        'execution.positions UNIQUE (account_id, symbol)',
      ]),
    );
    expect(await column(`SELECT pg_get_partkeydef('data_ingestion.market_data'::regclass)`)).toEqual([
      'RANGE ("timestamp")',
    ]);
  });

  it('has every index of the review’s list on the named columns', async () => {
    const {rows} = await client.query(
      `SELECT indexname, regexp_replace(indexdef, '^.* ON (ONLY )?(\\S+) USING btree ', '\\2 ') AS def FROM pg_indexes
       WHERE schemaname IN ${OURS}`,
    );
    const found = new Map(rows.map(r => [r.indexname, r.def]));
    const review = {
      idx_market_data_symbol_timestamp: 'data_ingestion.market_data (symbol, "timestamp" DESC)',
      idx_market_data_timestamp: 'data_ingestion.market_data ("timestamp" DESC)',
      idx_market_data_symbol: 'data_ingestion.market_data (symbol)',
      idx_orders_symbol_status: 'execution.orders (symbol, status)',
      idx_orders_strategy: 'execution.orders (strategy)',
      idx_orders_created_at: 'execution.orders (created_at DESC)',
      idx_orders_account_id: 'execution.orders (account_id)',
      idx_trades_symbol_executed_at: 'execution.trades (symbol, executed_at DESC)',
      idx_trades_strategy: 'execution.trades (strategy)',
      idx_trades_account_id: 'execution.trades (account_id)',
      idx_positions_account_id: 'execution.positions (account_id)',
      idx_positions_symbol: 'execution.positions (symbol)',
      idx_positions_last_updated: 'execution.positions (last_updated DESC)',
      idx_system_logs_timestamp: 'logging.system_logs ("timestamp" DESC)',
      idx_system_logs_service_timestamp: 'logging.system_logs (service, "timestamp" DESC)',
      idx_system_logs_level_timestamp: 'logging.system_logs (level, "timestamp" DESC)',
      idx_system_logs_correlation: 'logging.system_logs (correlation_id)',
      idx_system_logs_event_type: 'logging.system_logs (event_type)',
      idx_performance_logs_service_timestamp: 'logging.performance_logs (service, "timestamp" DESC)',
      idx_performance_logs_operation: 'logging.performance_logs (operation)',
    };
    expect(Object.fromEntries(Object.keys(review).map(name => [name, found.get(name)]))).toEqual(review);
  });

  it('has a comment on everything of ours that says more than its name', async () => {
    // Of a month the columns are those of its table.
    const uncommented = await column(
      `SELECT what || ' ' || name FROM (
         SELECT 'schema' AS what, nspname::text AS name, obj_description(oid, 'pg_namespace') AS about FROM pg_namespace
          WHERE nspname IN ${OURS}
         UNION ALL SELECT 'table', oid::regclass::text, obj_description(oid, 'pg_class') FROM pg_class
          WHERE relnamespace::regnamespace::text IN ${OURS} AND relkind IN ('r', 'p', 'v', 'm')
         UNION ALL SELECT 'column', c.oid::regclass || '.' || attname, col_description(attrelid, attnum)
           FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
          WHERE relnamespace::regnamespace::text IN ${OURS} AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition
            AND attnum > 0 AND NOT attisdropped
         UNION ALL SELECT 'type', oid::regtype::text, obj_description(oid, 'pg_type') FROM pg_type
          WHERE typnamespace::regnamespace::text IN ${OURS} AND typtype IN ('e', 'd', 'r')
         UNION ALL SELECT 'function', oid::regprocedure::text, obj_description(oid, 'pg_proc') FROM pg_proc
          WHERE pronamespace::regnamespace::text IN ${OURS}
       ) AS ours
       WHERE about IS NULL OR length(about) < 5
          OR regexp_replace(lower(about), '[^a-z]', '', 'g') = regexp_replace(substring(name FROM '[^.]+$'), '[^a-z]', '', 'g')
       ORDER BY 1`,
    );
    expect(uncommented).toEqual([]);
  });

  it('is as sql/README.md describes it, which is made without a server', async () => {
    const {tables, enums, functions} = describedSchema(
      readFileSync(`${loadSql().dir}/02_create_core_tables.sql`, 'utf8'),
    );
    const {rows} = await client.query<{name: string; about: string; columns: readonly string[]}>(
      `SELECT c.oid::regclass::text AS name, obj_description(c.oid, 'pg_class') AS about,
              array_agg(attname || ' -- ' || col_description(attrelid, attnum) ORDER BY attname) AS columns
         FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
        WHERE relnamespace::regnamespace::text IN ${OURS} AND relkind IN ('r', 'p', 'v') AND NOT relispartition
        GROUP BY c.oid ORDER BY 1`,
    );
    const described = tables.map(({name, about, columns}) => ({
      name,
      about,
      columns: columns.map(c => `${c.name} -- ${c.about}`).sort(),
    }));
    expect(described.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      rows.map(row => ({...row, columns: row.columns.toSorted()})).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    expect(enums.map(e => `${e.name} ${e.labels} -- ${e.about}`).sort()).toEqual(
      await column(
        `SELECT t.oid::regtype || ' ' || string_agg(enumlabel, ',' ORDER BY enumsortorder) || ' -- '
           || obj_description(t.oid, 'pg_type') FROM pg_type AS t JOIN pg_enum ON enumtypid = t.oid
          WHERE typnamespace::regnamespace::text IN ${OURS} GROUP BY t.oid ORDER BY 1`,
      ),
    );
    const ofCatalogue = await column(
      `SELECT oid::regprocedure || ' -- ' || obj_description(oid, 'pg_proc') FROM pg_proc
        WHERE pronamespace::regnamespace::text IN ${OURS}`,
    );
    expect(functions.map(f => `${f.name.replaceAll(', ', ',')} -- ${f.about}`).sort()).toEqual(ofCatalogue.toSorted());
  });

  it('keeps every digit of a price, and a win rate that does not depend on the order of events', async () => {
    await client.query(`INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, price)
      VALUES ('digits', 'A', 'BRK', 'sell', 'limit', 12345678901.2345, 99999999999.9999)`);
    expect(await column("SELECT price FROM execution.orders WHERE order_id = 'digits'")).toEqual(['99999999999.9999']);
    await client.query(`INSERT INTO analytics.performance_metrics (strategy, date, total_trades, win_sum, win_count)
      VALUES ('m', '2026-01-01', 4, 2, 3), ('n', '2026-01-01', 1, 0, 0)`);
    const rates = await column('SELECT round(win_rate, 6) FROM analytics.performance_metrics ORDER BY strategy');
    expect(rates).toEqual(['0.666667', null]);
  });
});

const order = (set: string) =>
  `INSERT INTO execution.orders SELECT (jsonb_populate_record(NULL::execution.orders,
    '{"id": 900, "order_id": "x", "account_id": "A", "symbol": "AAPL", "side": "buy", "order_type": "limit", "quantity": 1,
      "status": "pending", "version": 1}'::jsonb || '${set}'::jsonb)).*`;
const trade = (set: string) =>
  `INSERT INTO execution.trades SELECT (jsonb_populate_record(NULL::execution.trades,
    '{"id": 900, "trade_id": "x", "account_id": "A", "symbol": "AAPL", "quantity": 1, "price": 1,
      "executed_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z"}'::jsonb || '${set}'::jsonb)).*`;
const step = (set: string) =>
  `INSERT INTO execution.execution_logs SELECT (jsonb_populate_record(NULL::execution.execution_logs,
    '{"id": 900, "order_id": "known", "account_id": "A", "symbol": "AAPL", "step": 1, "status": "pending",
      "occurred_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z"}'::jsonb || '${set}'::jsonb)).*`;
const source = (state: string, error: string) =>
  `INSERT INTO data_ingestion.ingestion_status (source, symbol, expected_seconds, state, error) VALUES ('v', 'X', 60, '${state}', ${error})`;
const positionLimit = (values: string) =>
  `INSERT INTO risk_management.position_limits (account_id, symbol, max_quantity, max_value) VALUES (${values})`;
const bar = (open: string, high: string, low: string, close: string, volume = '1') =>
  `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
   VALUES ('BAD', now(), ${open}, ${high}, ${low}, ${close}, ${volume})`;
const position = (set: string) =>
  `INSERT INTO execution.positions SELECT (jsonb_populate_record(NULL::execution.positions,
    '{"id": 900, "account_id": "A", "symbol": "X", "quantity": 1, "avg_price": 1, "version": 1}'::jsonb || '${set}'::jsonb)).*`;

describe('bad input is refused by the database itself', () => {
  it.each([
    ['a price of zero', bar('0', '1', '1', '1'), '23514', 'positive_prices'],
    ['a negative price', bar('1', '2', '-1', '1'), '23514', 'positive_prices'],
    ['a high below the close', bar('1', '2', '1', '3'), '23514', 'valid_ohlc'],
    ['a low above the open', bar('1', '3', '2', '3'), '23514', 'valid_ohlc'],
    ['a price that is not a number', bar('1', "'NaN'", '1', '1'), '23514', 'finite_prices'],
    ['a negative volume', bar('1', '1', '1', '1', '-1'), '23514', 'non_negative_volume'],
    ['an order for nothing', order('{"quantity": 0}'), '23514', 'positive_quantity'],
    ['an order of a negative quantity', order('{"quantity": -5}'), '23514', 'positive_quantity'],
    ['an order at no price', order('{"price": 0}'), '23514', 'valid_price'],
    ['a stop at a negative price', order('{"stop_price": -1}'), '23514', 'valid_stop_price'],
    ['an order of NaN', order('{"quantity": "NaN"}'), '23514', 'finite_numbers'],
    ['an order twice', order('{"order_id": "known"}'), '23505', 'orders_order_id_key'],
    ['an unknown side', order('{"side": "hold"}'), '22P02', undefined],
    ['an unknown status', order('{"status": "lost"}'), '22P02', undefined],
    ['an unknown order type', order('{"order_type": "iceberg"}'), '22P02', undefined],
    ['an unknown time in force', order('{"time_in_force": "week"}'), '22P02', undefined],
    ['a trade of a negative quantity', trade('{"quantity": -1}'), '23514', 'positive_quantity'],
    ['a trade at no price', trade('{"price": 0}'), '23514', 'positive_price'],
    ['a negative commission', trade('{"commission": -0.01}'), '23514', 'non_negative_commission'],
    ['a trade of NaN', trade('{"price": "NaN"}'), '23514', 'finite_numbers'],
    ['a trade of an unknown order', trade('{"order_id": "nobody"}'), '23503', 'trades_order_id_fkey'],
    ['a trade twice', trade('{"trade_id": "known"}'), '23505', 'trades_trade_id_key'],
    ['an unknown type of trade', trade('{"trade_type": "sideways"}'), '23514', 'valid_trade_type'],
    ['a step of another account', step('{"account_id": "B"}'), '23503', 'execution_logs_as_their_orders'],
    ['a step before the first', step('{"step": 0}'), '23514', 'positive_step'],
    ['a step that took less than no time', step('{"latency_ms": -1}'), '23514', 'non_negative_numbers'],
    ['a step that filled NaN', step('{"filled": "NaN"}'), '23514', 'finite_numbers'],
    ['a step that took forever', step('{"latency_ms": "Infinity"}'), '22003', undefined],
    ['a source in error that does not say why', source('error', 'NULL'), '23514', 'error_with_its_state'],
    ['a source that is well and in error', source('ok', "'401'"), '23514', 'error_with_its_state'],
    ['an unknown state of a source', source('odd', 'NULL'), '23514', 'valid_state'],
    ['a short position', position('{"quantity": -1}'), '23514', 'non_negative_quantity'],
    ['a position valued at NaN', position('{"market_value": "NaN"}'), '23514', 'finite_numbers'],
    [
      'the deletion of an order that still has trades',
      "DELETE FROM execution.orders WHERE order_id = 'known'",
      '23503',
      'trades_order_id_fkey',
    ],
    ['a position limit of nothing', positionLimit(`'A', NULL, NULL, NULL`), '23514', 'some_limit'],
    ['a position limit of nobody', positionLimit('NULL, NULL, NULL, 5'), '23514', 'of_something'],
    ['a quantity over all symbols', positionLimit(`'A', NULL, 5, NULL`), '23514', 'quantity_of_a_symbol'],
    ['a position limit of zero', positionLimit(`'A', NULL, NULL, 0`), '23514', 'positive_limits'],
    ['a position limit of NaN', positionLimit(`'A', NULL, NULL, 'NaN'`), '23514', 'finite_limits'],
    ['a position limit of infinity', positionLimit(`'A', NULL, NULL, 'Infinity'`), '22003', undefined],
    [
      'the same position limit twice',
      `${positionLimit(`'A', NULL, NULL, 5`)}, ('A', NULL, NULL, 6)`,
      '23505',
      'unique_position_limit',
    ],
    [
      'a limit of zero',
      "INSERT INTO risk_management.risk_limits (limit_type, limit_value) VALUES ('max_exposure', 0)",
      '23514',
      'positive_limit',
    ],
    [
      'the same limit twice, for all accounts',
      "INSERT INTO risk_management.risk_limits (limit_type, limit_value) VALUES ('max_exposure', 1), ('max_exposure', 2)",
      '23505',
      'unique_risk_limit',
    ],
    [
      'a secret without the name of its key',
      "INSERT INTO notification.notification_configs (name, channel, secret) VALUES ('n', 'slack', '\\xc30d04')",
      '23514',
      'secret_with_its_key',
    ],
    [
      'a secret in clear text',
      "INSERT INTO notification.notification_configs (name, channel, secret, secret_key_id) VALUES ('n', 'slack', 'https://x', 'k')",
      '23514',
      'secret_is_encrypted',
    ],
    [
      'an acknowledgement by nobody',
      "INSERT INTO risk_management.risk_events (event_type, severity, message, acknowledged_at) VALUES ('e', 'info', 'm', now())",
      '23514',
      'acknowledged_by_someone',
    ],
    [
      'a level that no service logs at',
      "INSERT INTO logging.system_logs (service, level, message) VALUES ('s', 'LOUD', 'm')",
      '23514',
      'valid_level',
    ],
    [
      'a month that does not start on its first day',
      "SELECT shared.create_monthly_partition('market_data', '2031-01-15')",
      '23514',
      'first_of_month',
    ],
    ['a retention of 0 days', 'SELECT * FROM shared.detach_old_partitions(0)', '23514', 'positive_retention'],
    ['a negative retention', 'SELECT * FROM shared.detach_old_partitions(-1)', '23514', 'positive_retention'],
    ['no retention', 'SELECT * FROM shared.detach_old_partitions(NULL)', '23514', 'positive_retention'],
    ['too many months', 'SELECT * FROM shared.ensure_partitions_ahead(5000)', '23514', 'valid_months_ahead'],
    [
      'a table that is not partitioned',
      "SELECT shared.create_monthly_partition('execution.trades', '2031-01-01')",
      '42809',
      undefined,
    ],
    ['no such table', "SELECT shared.create_monthly_partition('nothing', '2031-01-01')", '42P01', undefined],
  ])('%s', async (_, statement, sqlstate, constraint) => {
    const error = await client.query(statement).then(
      () => undefined,
      (e: {code?: string; constraint?: string}) => e,
    );
    expect([error?.code, error?.constraint]).toEqual([sqlstate, constraint]);
  });
});

describe('the audit log', () => {
  const insert = "INSERT INTO shared.audit_log (user_id, table_name, operation) VALUES ('ann', 'trades', 'select')";

  it('fills in user, time and origin itself, for the review’s statement', async () => {
    await client.query(
      `INSERT INTO shared.audit_log (user_id, table_name, operation, timestamp) VALUES ('ann', 'trades', 'select', now())`,
    );
    const {rows} = await client.query(`SELECT db_user, application = current_setting('application_name') AS app,
      backend_pid = pg_backend_pid() AS pid, client_addr IS NOT NULL AS addr FROM shared.audit_log`);
    expect(rows).toEqual([{db_user: 'postgres', app: true, pid: true, addr: true}]);
  });

  it.for([
    ['UPDATE', "UPDATE shared.audit_log SET user_id = 'bob'"],
    ['UPDATE of no row', "UPDATE shared.audit_log SET user_id = 'bob' WHERE false"],
    ['DELETE', 'DELETE FROM shared.audit_log'],
    ['TRUNCATE', 'TRUNCATE shared.audit_log'],
    [
      'upsert',
      `${insert.replace('(user_id', '(id, user_id').replace("('ann'", "(1, 'ann'")} ON CONFLICT (id) DO UPDATE SET user_id = 'bob'`,
    ],
    ['MERGE', 'MERGE INTO shared.audit_log AS a USING (VALUES (1)) AS v (id) ON a.id > 0 WHEN MATCHED THEN DELETE'],
  ])('refuses %s to the superuser and to its owner', async ([what = '', statement = ''], {skip}) => {
    if (what === 'MERGE' && (await servers()).postgres.majorVersion < 15) skip('PostgreSQL 14 has no MERGE');
    await client.query(insert);
    for (const role of ['postgres', 'tradetop_keeper']) {
      await client.query('BEGIN');
      await client.query(`SET LOCAL ROLE ${role}`);
      const error = await client.query(statement).then(
        () => undefined,
        (e: {code?: string; constraint?: string}) => e,
      );
      await client.query('ROLLBACK');
      expect([role, error?.code, error?.constraint]).toEqual([role, '42501', 'append_only']);
    }
  });

  it('refuses them also in a session that replays replication', async () => {
    await client.query("SET session_replication_role = 'replica'");
    const code = await client.query('DELETE FROM shared.audit_log').catch((e: {code?: string}) => e.code);
    await client.query('RESET session_replication_role');
    expect(code).toBe('42501');
  });

  it('can be changed by its owner in an upgrade, which removes the guard and restores it', async () => {
    await client.query(`BEGIN; SET LOCAL ROLE tradetop_keeper;
      ALTER TABLE shared.audit_log DISABLE TRIGGER audit_log_append_only;
      UPDATE shared.audit_log SET target = 'upgraded';
      ALTER TABLE shared.audit_log ENABLE ALWAYS TRIGGER audit_log_append_only; COMMIT`);
    expect(await column("SELECT count(*)::int > 0 FROM shared.audit_log WHERE target = 'upgraded'")).toEqual([true]);
    expect(await client.query('DELETE FROM shared.audit_log').catch((e: {code?: string}) => e.code)).toBe('42501');
  });
});
