import {readdirSync, readFileSync} from 'node:fs';
import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {Io, Raw} from '../../../src/io/io.ts';
import {openPg} from '../../../src/io/pg.ts';
import {loadSql} from '../../../src/io/sql.ts';
import type {CheckResult} from '../../../src/verify/check.ts';
import {readChecks} from '../../../src/verify/read-checks.ts';
import {runChecks} from '../../../src/verify/run.ts';
import {cloneDesk, loginAs, targetOf} from '../../helpers/desk/desk.ts';
import {type Database, ownPostgres} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const sql = loadSql();
const CHECKS = readChecks(sql);
/** The checks that have found a violation here. */
const proved = new Set<string>();
let db: Database;
let client: pg.Client;
beforeAll(async () => {
  db = await cloneDesk();
  client = new pg.Client(db.config);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await db?.drop();
});

/** Queries on one client, so that a check sees its open transaction; `edit` may change a threshold. */
const asking = (on: pg.Client, edit = (text: string) => text): Io => ({
  pgVersion: () => 18,
  query: async (name, params = []) =>
    (await on.query(edit(sql.statement(name, 18)), [...params])).rows as readonly Raw[],
});
function noted(result: CheckResult): CheckResult {
  if (result.rows.length > 0 && result.status === CHECKS.find(c => c.id === result.id)?.severity) proved.add(result.id);
  return result;
}
/** What a check finds of everything and in its window, after some damage, which is rolled back. */
async function checkedAfter(
  damage: string,
  id: string,
): Promise<{readonly full: CheckResult; readonly late: CheckResult}> {
  await client.query('BEGIN');
  try {
    await client.query(damage);
    const [full] = await runChecks(asking(client), CHECKS, {only: [id], full: true});
    const [late] = await runChecks(asking(client), CHECKS, {only: [id]});
    if (!full || !late) throw new Error(`no check ${id}`);
    return {full: noted(full), late};
  } finally {
    await client.query('ROLLBACK');
  }
}
const checkAfter = async (damage: string, id: string): Promise<CheckResult> => (await checkedAfter(damage, id)).full;

const ORDER = (id: string, account = 'A', quantity = 10, status = 'submitted') =>
  `INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity, status)
   VALUES ('${id}', '${account}', 'AAPL', 'buy', 'market', ${quantity}, '${status}');`;
const TRADE = (id: string, order: string | null, quantity = 10, account = 'A', at = 'now()') =>
  `INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
   VALUES ('${id}', ${order ? `'${order}'` : 'NULL'}, '${account}', 'AAPL', ${quantity}, 5, ${at});`;
/** Steps of an order's life, from 1 on; an empty status is a step that is missing. */
const STEPS = (order: string, ...statuses: readonly string[]) =>
  statuses
    .map((status, i) =>
      status === ''
        ? ''
        : `INSERT INTO execution.execution_logs (order_id, account_id, symbol, step, status, occurred_at)
           VALUES ('${order}', 'A', 'AAPL', ${i + 1}, '${status}', now());`,
    )
    .join(' ');
const POSITION = (quantity: number, rest = '', values = '') =>
  `INSERT INTO execution.positions (account_id, symbol, quantity, avg_price${rest}) VALUES ('A', 'AAPL', ${quantity}, 5${values});`;
/** An entry of the ledger that is as the row of TRADE with that id, if there is one, and the fields that are given. */
const ENTRY = (id: string, fields: Readonly<Record<string, string>> = {}) => {
  const all = {
    trade_id: `'${id}'`,
    account_id: `'A'`,
    symbol: `'AAPL'`,
    strategy: `'(none)'`,
    trade_date: `(now() AT TIME ZONE 'UTC')::date`,
    total_value: '50',
    realized_pnl: '0',
    source: `'event'`,
    row_id: `(SELECT id FROM execution.trades WHERE trade_id = '${id}')`,
    executed_at: 'now()',
    side: `'buy'`,
    quantity: '10',
    price: '5',
    held: '10',
    average_cost: '5',
    ...fields,
  };
  return `INSERT INTO analytics.sync_ledger (${Object.keys(all)}) VALUES (${Object.values(all)});`;
};
const PAIR = (held: number, last: string) =>
  `INSERT INTO analytics.sync_pairs (account_id, symbol, held, average_cost, last_executed_at, last_trade_id)
   VALUES ('A', 'AAPL', ${held}, 5, now(), '${last}');`;
/** A trade of a closed month with its entry, or with one of them alone. */
const ARCHIVED = (id: string, only?: 'trades' | 'sync_ledger') => `
  SELECT shared.create_monthly_partition(name, '2026-03-01') FROM unnest('{execution.archived_trades,analytics.archived_sync_ledger}'::text[]) AS name;
  INSERT INTO analytics.book_closings (closed_before, closed_by, trades, total_value, realized_pnl, months)
  VALUES ('2026-04-01Z', 'x', 1, 50, 0, '{2026-03-01}') ON CONFLICT DO NOTHING;
  ${
    only === 'sync_ledger'
      ? ''
      : `INSERT INTO execution.archived_trades (id, trade_id, account_id, symbol, quantity, price, executed_at, created_at)
  VALUES (7, '${id}', 'A', 'AAPL', 10, 5, '2026-03-02Z', '2026-03-02Z');`
  }
  ${
    only === 'trades'
      ? ''
      : `INSERT INTO analytics.archived_sync_ledger (trade_id, account_id, symbol, strategy, trade_date, total_value,
    realized_pnl, source, applied_at, row_id, executed_at, quantity, price, pnl_stated, win_stated)
  VALUES ('${id}', 'A', 'AAPL', 's', '2026-03-02', 50, 0, 'event', '2026-03-02Z', 7, '2026-03-02Z', 10, 5, false, false);`
  }`;
const WORKER = `INSERT INTO analytics.sync_workers (worker, mode, host, pid, started_at, heartbeat_at)
   VALUES ('w', 'pubsub', 'h', 1, now(), now());`;
const QUARANTINED = (kind: string, key: string, rest = '', values = '') =>
  `INSERT INTO analytics.sync_quarantine (kind, event_key, event, reason${rest}) VALUES ('${kind}', '${key}', '{}', 'too large'${values});`;
const WITHOUT = (table: string, ...constraints: readonly string[]) =>
  constraints.map(constraint => `ALTER TABLE execution.${table} DROP CONSTRAINT ${constraint};`).join(' ');

describe('a correct set-up', () => {
  it('passes every check', async () => {
    const results = await runChecks(asking(client), CHECKS, {only: ['setup', 'data']});
    expect(results.filter(r => r.status !== 'pass' && r.id !== 'setup_prefect')).toEqual([]);
    expect(results).toHaveLength(CHECKS.filter(c => c.group !== 'health').length);
  });

  it('has a check for every column, constraint, index, table and function that the set-up makes', async () => {
    const text = readdirSync(`${sql.dir}/verify`)
      .filter(file => file.startsWith('setup_'))
      .map(file => readFileSync(`${sql.dir}/verify/${file}`, 'utf8'))
      .join('\n');
    // ('execution.orders', 'id bigint!; order_id varchar(100)!; …'): a table, and what it must have.
    const listed = new Set<string>();
    for (const [, values] of text.matchAll(/\(VALUES\n([^;]*?(?:; [^;]*?)*)\n {4}\) AS tables \(tab, list\)/g)) {
      const entries = await client.query<{entry: string}>(`SELECT tab || ' ' || split_part(part, ' ', 1) AS entry
        FROM (VALUES ${values}) AS tables (tab, list), unnest(string_to_array(list, '; ')) AS part`);
      for (const {entry} of entries.rows) listed.add(entry);
    }
    const {rows} = await client.query<{object: string; part: string; kind: string; of: string}>(
      `SELECT DISTINCT kind, object, part, substring(definition FROM ' ON (?:ONLY )?(\\S+) ') AS of FROM shared.inventory()
       WHERE kind IN ('table', 'index', 'function') AND (part = '' OR part ~ '^(column|constraint) ')`,
    );
    const missing = rows.filter(({kind, object, part, of}) => {
      if (kind === 'function') return !text.includes(object.replace(/\(.*/, '('));
      if (kind === 'index') return !listed.has(`${of} ${object.replace(/^.*\./, '')}`);
      return part === '' ? !text.includes(`('${object}', `) : !listed.has(`${object} ${part.replace(/^\w+ /, '')}`);
    });
    expect(missing).toEqual([]);
    expect(rows.length).toBeGreaterThan(300);
  });
});

describe('every check of the set-up finds its violation', () => {
  it.each([
    ['setup_schemas', 'DROP SCHEMA notification CASCADE', 'notification', 'is missing'],
    ['setup_schemas', 'ALTER SCHEMA shared OWNER TO postgres', 'shared', 'belongs to postgres, not tradetop_keeper'],
    ['setup_tables', 'DROP TABLE execution.trades', 'execution.trades', 'is missing'],
    [
      'setup_tables',
      'ALTER TABLE execution.trades OWNER TO postgres',
      'execution.trades',
      'belongs to postgres, not tradetop_owner',
    ],
    [
      'setup_tables',
      'DROP TABLE data_ingestion.market_data_default',
      'data_ingestion.market_data_default',
      'is missing',
    ],
    [
      'setup_columns',
      'ALTER TABLE execution.orders DROP COLUMN session_id',
      'execution.orders.session_id',
      'is missing',
    ],
    [
      'setup_columns',
      'ALTER TABLE execution.trades ALTER price TYPE numeric(10,2)',
      'execution.trades.price',
      'is numeric(10,2), not numeric(15,4)',
    ],
    [
      'setup_columns',
      'ALTER TABLE execution.trades ALTER symbol DROP NOT NULL',
      'execution.trades.symbol',
      'may be null',
    ],
    [
      'setup_columns',
      'ALTER TABLE execution.trades ALTER strategy SET NOT NULL',
      'execution.trades.strategy',
      'may not be null',
    ],
    [
      'setup_desk_columns',
      'ALTER TABLE execution.execution_logs ALTER latency_ms TYPE integer',
      'execution.execution_logs.latency_ms',
      'is integer, not numeric(15,3)',
    ],
    [
      'setup_sync_columns',
      'ALTER TABLE analytics.sync_ledger DROP COLUMN win',
      'analytics.sync_ledger.win',
      'is missing',
    ],
    ['setup_keys', WITHOUT('trades', 'trades_trade_id_key'), 'execution.trades trades_trade_id_key', 'is missing'],
    [
      'setup_keys',
      `${WITHOUT('trades', 'trades_order_id_fkey')} ALTER TABLE execution.trades ADD CONSTRAINT trades_order_id_fkey
      FOREIGN KEY (order_id) REFERENCES execution.orders (order_id) NOT VALID`,
      'execution.trades trades_order_id_fkey',
      'is not valid: rows from before may break it',
    ],
    ['setup_constraints', WITHOUT('trades', 'positive_price'), 'execution.trades positive_price', 'is missing'],
    [
      'setup_constraints',
      `${WITHOUT('trades', 'positive_price')} ALTER TABLE execution.trades ADD CONSTRAINT positive_price CHECK (price >= 0)`,
      'execution.trades positive_price',
      'is CHECK price >= 0, not CHECK price > 0',
    ],
    [
      'setup_functions',
      'ALTER TABLE logging.system_logs DISABLE TRIGGER system_logs_level',
      'logging.system_logs',
      'does not keep levels by one name: it has no trigger system_logs_level',
    ],
    ['setup_publication', 'DROP PUBLICATION tradetop', 'tradetop', 'is missing'],
    [
      'setup_publication',
      'ALTER PUBLICATION tradetop DROP TABLE execution.trades',
      'tradetop',
      'lacks execution.trades',
    ],
    ['setup_publication', "ALTER PUBLICATION tradetop SET (publish = 'insert')", 'tradetop', 'publishes no UPDATE'],
    [
      'setup_publication',
      'ALTER TABLE execution.trades REPLICA IDENTITY DEFAULT',
      'execution.trades',
      'has no replica identity with trade_id',
    ],
    ['setup_indexes', 'DROP INDEX execution.idx_orders_open', 'execution.idx_orders_open', 'is missing'],
    [
      'setup_indexes',
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'execution.idx_orders_open'::regclass",
      'execution.idx_orders_open',
      'is invalid',
    ],
    [
      'setup_indexes',
      'DROP INDEX execution.idx_trades_strategy; CREATE INDEX idx_trades_strategy ON execution.trades (symbol)',
      'execution.idx_trades_strategy',
      'is on symbol, not strategy',
    ],
    [
      'setup_partitions_ahead',
      "SELECT format('DROP TABLE %s', partition) FROM shared.partitions('data_ingestion.market_data') WHERE from_at > now() \\gexec",
      '',
      'has no partition ready',
    ],
    [
      'setup_row_security',
      'ALTER TABLE execution.orders DISABLE ROW LEVEL SECURITY',
      'execution.orders',
      'row-level security is off',
    ],
    [
      'setup_row_security',
      'DROP POLICY orders_account_policy ON execution.orders',
      'execution.orders',
      'has no policy orders_account_policy',
    ],
    [
      'setup_row_security',
      'ALTER POLICY orders_account_policy ON execution.orders USING (true)',
      'execution.orders',
      'has another policy orders_account_policy',
    ],
    [
      'setup_row_security',
      'CREATE POLICY open ON execution.trades TO trading_app USING (true)',
      'execution.trades',
      'has a policy open for {trading_app} that the set-up did not make',
    ],
    [
      'setup_roles',
      'ALTER ROLE tradetop_monitor BYPASSRLS',
      'tradetop_monitor',
      'has more power than it needs: BYPASSRLS',
    ],
    ['setup_roles', 'GRANT tradetop_keeper TO svc_execution', 'svc_execution', 'may take on tradetop_keeper'],
    [
      'setup_owner_roles',
      'GRANT tradetop_owner TO tradetop_operator',
      'tradetop_operator',
      'may take on tradetop_owner, as tradetop setup --operator-may-vacuum lets it',
    ],
    ['setup_roles', 'ALTER ROLE tradetop_owner LOGIN', 'tradetop_owner', 'may log in'],
    ['setup_roles', 'REVOKE pg_monitor FROM tradetop_monitor', 'tradetop_monitor', 'is not a member of pg_monitor'],
    ['setup_roles', 'ALTER ROLE svc_logging RENAME TO svc_other', 'svc_logging', 'is missing'],
    [
      'setup_rights',
      'GRANT INSERT ON execution.trades TO tradetop_monitor',
      'tradetop_monitor on execution.trades',
      'has a right that it must not have: INSERT',
    ],
    [
      'setup_rights',
      'GRANT DELETE ON risk_management.risk_limits TO PUBLIC',
      'svc_analytics on risk_management.risk_limits',
      'has a right that it must not have: DELETE',
    ],
    [
      'setup_rights',
      'REVOKE SELECT ON execution.orders FROM svc_risk_management',
      'svc_risk_management on execution.orders',
      'lacks the right to SELECT',
    ],
    [
      'setup_rights',
      'GRANT pg_read_all_data TO trading_app',
      'trading_app on analytics.portfolio_summary',
      'has a right that it must not have: SELECT',
    ],
    [
      'setup_fills',
      'GRANT UPDATE (price) ON execution.trades TO svc_execution',
      'execution.trades.price',
      'svc_execution was granted UPDATE',
    ],
    ['setup_fills', 'GRANT DELETE ON execution.trades TO PUBLIC', 'execution.trades', 'PUBLIC was granted DELETE'],
    [
      'setup_fills',
      'GRANT UPDATE ON execution.trades TO tradetop_operator',
      'execution.trades',
      'tradetop_operator was granted UPDATE',
    ],
    [
      'setup_functions',
      'GRANT EXECUTE ON FUNCTION shared.detach_old_partitions TO PUBLIC',
      'shared.detach_old_partitions(integer, text)',
      'is open to PUBLIC',
    ],
    [
      'setup_functions',
      'ALTER FUNCTION shared.create_monthly_partition RESET search_path',
      'shared.create_monthly_partition(text, date)',
      'has no fixed search_path',
    ],
    [
      'setup_functions',
      'ALTER FUNCTION shared.inventory SECURITY DEFINER',
      'shared.inventory()',
      "lends its owner's rights",
    ],
    [
      'setup_functions',
      'DROP FUNCTION shared.ensure_partitions_ahead',
      'shared.ensure_partitions_ahead(integer, text)',
      'is missing',
    ],
    [
      'setup_audit',
      'DROP TRIGGER audit_log_append_only ON shared.audit_log',
      'shared.audit_log',
      'has no trigger that refuses changes',
    ],
    [
      'setup_audit',
      'ALTER TABLE shared.audit_log DISABLE TRIGGER audit_log_stamp',
      'shared.audit_log',
      'has no trigger that fills in time and database user',
    ],
    [
      'setup_audit',
      "CREATE OR REPLACE FUNCTION shared.stamp_audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
      'shared.stamp_audit()',
      'does not fill in time and database user',
    ],
    [
      'setup_audit',
      'ALTER TABLE shared.audit_log DISABLE TRIGGER audit_log_append_only',
      'shared.audit_log',
      'trigger audit_log_append_only does not fire always (D)',
    ],
    [
      'setup_audit',
      "CREATE OR REPLACE FUNCTION shared.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
      'shared.refuse_change()',
      'does not refuse',
    ],
    [
      'setup_audit',
      'GRANT DELETE ON shared.audit_log TO tradetop_operator',
      'shared.audit_log',
      'tradetop_operator was granted DELETE',
    ],
    [
      'setup_audit',
      'GRANT INSERT (db_user) ON shared.audit_log TO trading_app',
      'shared.audit_log.db_user',
      'trading_app was granted INSERT',
    ],
    ['setup_extensions', 'DROP EXTENSION pgcrypto', 'pgcrypto', 'is not installed in this database'],
  ])('%s: %s', async (id, damage, object, problem) => {
    const statements = damage.includes('\\gexec')
      ? (await client.query({text: damage.replace('\\gexec', ''), rowMode: 'array'})).rows.map(r => r[0]).join(';')
      : damage;
    const result = await checkAfter(statements, id);
    expect(result.status).toBe(CHECKS.find(c => c.id === id)?.severity);
    if (object === '') expect(result.rows[0]).toMatchObject({problem});
    else expect(result.rows).toContainEqual({object, problem});
  });

  it('setup_default_partition: bars of a month without a partition', async () => {
    const result = await checkAfter(
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
       VALUES ('X', '2035-01-31T23:00Z', 1, 1, 1, 1), ('X', '2035-02-01T00:00Z', 1, 1, 1, 1)`,
      'setup_default_partition',
    );
    expect([result.status, result.rows.map(r => [r.month, r.rows])]).toEqual([
      'warn',
      [
        ['2035-01', '1'],
        ['2035-02', '1'],
      ],
    ]);
  });

  it('setup_partition_indexes: a partition whose index is invalid', async () => {
    const result = await checkAfter(
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = (SELECT inhrelid FROM pg_inherits
         WHERE inhparent = 'data_ingestion.idx_market_data_symbol'::regclass LIMIT 1)`,
      'setup_partition_indexes',
    );
    expect(result.rows).toMatchObject([{problem: 'has no valid index of data_ingestion.idx_market_data_symbol'}]);
  });
});

describe('every check of the data finds its violation', () => {
  it.each([
    [
      'data_orphan_trades',
      `${WITHOUT('trades', 'trades_order_id_fkey', 'trades_as_their_orders')} ${TRADE('t', 'nobody')}`,
      {trade_id: 't', order_id: 'nobody'},
    ],
    ['data_trades_without_order', TRADE('t', null), {trade_id: 't'}],
    [
      'data_trades_match_orders',
      `${WITHOUT('trades', 'trades_as_their_orders')} ${ORDER('o', 'B')} ${TRADE('t', 'o')}`,
      {account_id: 'A', order_account_id: 'B'},
    ],
    [
      'data_fills_within_orders',
      `${ORDER('o')} ${TRADE('t', 'o')} ${TRADE('u', 'o', 1)}`,
      {ordered: '10.0000', filled: '11.0000'},
    ],
    [
      'data_order_status',
      `${ORDER('o', 'A', 10, 'filled')} ${TRADE('t', 'o', 9)}`,
      {status: 'filled', filled: '9.0000'},
    ],
    ['data_order_status', ORDER('o', 'A', 10, 'partially_filled'), {status: 'partially_filled', filled: '0'}],
    ['data_order_status', `${ORDER('o', 'A', 10, 'rejected')} ${TRADE('t', 'o', 9)}`, {status: 'rejected'}],
    [
      'data_execution_logs',
      `${ORDER('o', 'A', 10, 'cancelled')} ${STEPS('o', 'pending', 'submitted')}`,
      {status: 'cancelled', recorded: 'submitted', missing_steps: '0'},
    ],
    [
      'data_execution_logs',
      `${ORDER('o', 'A', 10, 'submitted')} ${STEPS('o', 'pending', '', 'submitted')}`,
      {status: 'submitted', recorded: 'submitted', missing_steps: '1'},
    ],
    [
      'data_positions_from_trades',
      `${ORDER('o')} ${TRADE('t', 'o')} ${POSITION(9)}`,
      {position: '9.0000', of_trades: '10.0000'},
    ],
    ['data_positions_from_trades', `${ORDER('o')} ${TRADE('t', 'o')}`, {position: null, of_trades: '10.0000'}],
    ['data_positions_from_trades', POSITION(9), {position: '9.0000', of_trades: '0'}],
    [
      'data_positions_value',
      POSITION(10, ', last_price, market_value, unrealized_pnl', ', 6, 61, 10'),
      {market_value: '61.0000', value_by_mark: '60.0000'},
    ],
    [
      'data_positions_value',
      POSITION(10, ', last_price, market_value, unrealized_pnl', ', 6, 60, 9'),
      {unrealized_pnl: '9.0000', pnl_by_mark: '10.0000'},
    ],
    [
      'data_numbers',
      `${WITHOUT('positions', 'finite_numbers')} ${POSITION(1, ', market_value', ", 'NaN'")}`,
      {object: 'position A AAPL', other: 'NaN'},
    ],
    ['data_numbers', `${WITHOUT('positions', 'non_negative_quantity')} ${POSITION(-1)}`, {quantity: '-1.0000'}],
    ['data_numbers', `${WITHOUT('trades', 'positive_quantity')} ${TRADE('t', null, -1)}`, {object: 'trade t'}],
    ['data_numbers', `${WITHOUT('orders', 'positive_quantity')} ${ORDER('o', 'A', 0)}`, {object: 'order o'}],
    [
      'data_bars',
      `ALTER TABLE data_ingestion.market_data DROP CONSTRAINT valid_ohlc; INSERT INTO data_ingestion.market_data
      (symbol, timestamp, open, high, low, close) VALUES ('X', now(), 1, 1, 1, 2)`,
      {symbol: 'X', high: '1.0000', close: '2.0000'},
    ],
    [
      'data_bars',
      `ALTER TABLE data_ingestion.market_data DROP CONSTRAINT finite_prices; INSERT INTO data_ingestion.market_data
      (symbol, timestamp, open, high, low, close) VALUES ('X', now(), 1, 'NaN', 1, 1)`,
      {high: 'NaN'},
    ],
    [
      'data_duplicates',
      `${WITHOUT('trades', 'trades_trade_id_key')} ${TRADE('t', null)} ${TRADE('t', null)}`,
      {object: 'trade t', times: '2'},
    ],
    [
      'data_duplicates',
      `${WITHOUT('positions', 'unique_account_symbol')} ${POSITION(1)} ${POSITION(2)}`,
      {object: 'position A AAPL'},
    ],
    [
      'data_positions_from_trades',
      `${TRADE('t', null)} UPDATE execution.trades SET side = 'buy'; ${POSITION(9)}`,
      {position: '9.0000', of_trades: '10.0000'},
    ],
    [
      'data_positions_from_trades',
      `${ORDER('o')} ${TRADE('t', 'o')} ${WORKER} ${PAIR(10, 't')} ${POSITION(9)}`,
      {position: '9.0000', of_trades: '10.0000'},
    ],
    [
      'data_numbers',
      `${WITHOUT('trades', 'finite_figures')} ${TRADE('t', null)} UPDATE execution.trades SET realized_pnl = 'NaN'`,
      {object: 'trade t', other: 'NaN'},
    ],
    ['data_future', TRADE('t', null, 1, 'A', "now() + interval '1 hour'"), {object: 'trade t'}],
    ['data_future', TRADE('t', null, 1, 'A', "'1999-12-31 23:59:59Z'"), {object: 'trade t'}],
    [
      'data_position_limits',
      `INSERT INTO risk_management.position_limits (account_id, max_value, created_at) VALUES ('A', 5, now() - interval '6 minutes'), ('B', 5, now())`,
      {account_id: 'A', problem: 'was never measured'},
    ],
    [
      'data_position_limits',
      `INSERT INTO risk_management.position_limits (account_id, max_value, evaluated_at, breached_at) VALUES ('A', 5, now(), now())`,
      {account_id: 'A', problem: 'has no open event of its breach'},
    ],
    [
      'data_position_limits',
      `INSERT INTO risk_management.risk_events (event_type, severity, account_id, message) VALUES ('position_limit', 'critical', 'A', 'over')`,
      {account_id: 'A', problem: 'is an event without a breach'},
    ],
    [
      'data_quality',
      `INSERT INTO data_ingestion.data_quality_logs (check_name, severity, message, resolved_at)
       VALUES ('gap', 'error', 'a gap', NULL), ('gap', 'warning', 'small', NULL), ('old', 'critical', 'mended', now())`,
      {check_name: 'gap', severity: 'error'},
    ],
    [
      'data_ingestion_status',
      `INSERT INTO data_ingestion.ingestion_status (source, symbol, last_bar_at, expected_seconds) VALUES ('vendor', 'X', now(), 60),
       ('vendor', 'OLD', now() - interval '1 year', 60), ('vendor', 'NEW', NULL, 60)`,
      {source: 'vendor', symbol: 'X', last_in_table: null},
    ],
    [
      'data_future',
      `${TRADE('t', null)} UPDATE execution.trades SET created_at = now() + interval '1 hour'`,
      {object: 'creation of trade t'},
    ],
    [
      'data_future',
      `${ORDER('o')} UPDATE execution.orders SET created_at = now() + interval '1 hour'`,
      {object: 'order o'},
    ],
    ['data_future', `${ORDER('o')} UPDATE execution.orders SET created_at = '1970-01-01Z'`, {object: 'order o'}],
    ['data_future', POSITION(1, ', last_price_at', ", now() + interval '1 hour'"), {object: 'position A AAPL'}],
    ['data_future', POSITION(1, ', last_updated', ", '0001-01-01Z'"), {object: 'position A AAPL'}],
    [
      'data_future',
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
      VALUES ('X', now() + interval '1 hour', 1, 1, 1, 1), ('Y', '1999-12-31 23:59:59Z', 1, 1, 1, 1)`,
      {object: 'bar of X'},
    ],
    [
      'data_future',
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
      VALUES ('Y', '1999-12-31 23:59:59Z', 1, 1, 1, 1)`,
      {object: 'bar of Y'},
    ],
    [
      'data_sequences',
      `INSERT INTO execution.orders (id, order_id, account_id, symbol, side, order_type, quantity)
      VALUES (4711, 'o', 'A', 'X', 'buy', 'market', 1)`,
      {object: 'execution.orders_id_seq', highest_id: '4711'},
    ],
    [
      'data_analytics',
      `INSERT INTO analytics.portfolio_summary (account_id, symbol, total_value) VALUES ('A', 'X', 7)`,
      {of_table: 'portfolio_summary', key: 'A X', total_value: '7.0000', by_ledger: '0'},
    ],
    [
      'data_analytics',
      `INSERT INTO analytics.performance_metrics (strategy, date, win_sum) VALUES ('s', now() AT TIME ZONE 'UTC', 7)`,
      {of_table: 'performance_metrics', key: expect.stringMatching(/^s /)},
    ],
    [
      'data_analytics',
      `${TRADE('t', null)} ${ENTRY('t')}`,
      {key: 'A AAPL', by_ledger: '50.0000', trades_by_ledger: '1'},
    ],
    [
      'data_trades_synced',
      `${TRADE('t', null)} UPDATE execution.trades SET created_at = now() - interval '1 hour'; ${WORKER}`,
      {trade_id: 't'},
    ],
    [
      'data_trades_rejected',
      `${TRADE('t', null)} ${QUARANTINED('trades', 't', ', resolved_at, resolution, note', ", now(), 'rejected', 'a test'")}`,
      {trade_id: 't', note: 'a test'},
    ],
    ['data_ledger_trades', ENTRY('gone', {row_id: '7'}), {trade_id: 'gone', problem: 'its row 7 is gone'}],
    [
      'data_ledger_trades',
      ENTRY('t', {applied_at: "now() - interval '1 hour'"}),
      {problem: 'its event was applied and it has no row'},
    ],
    [
      'data_ledger_trades',
      ENTRY('t', {applied_at: "now() - interval '1 year'"}),
      {problem: 'its event was applied and it has no row'},
    ],
    [
      'data_ledger_trades',
      `${TRADE('t', null)} ${ENTRY('t', {row_id: 'NULL'})} UPDATE execution.trades SET created_at = now() - interval '1 hour'`,
      {problem: expect.stringMatching(/^its row \d+ was not taken$/)},
    ],
    ...(
      [
        ['account_id', "'B'", 'account is A, and B in the ledger'],
        ['symbol', "'MSFT'", 'symbol is AAPL, and MSFT in the ledger'],
        ['side', "'sell'", 'side is buy, and sell in the ledger'],
        ['quantity', '11', 'quantity is 10.0000, and 11.0000 in the ledger'],
        ['price', '5.5', 'price is 5.0000, and 5.5000 in the ledger'],
        ['commission', '1', 'commission is 0.0000, and 1.0000 in the ledger'],
        ['strategy', "'s'", 'strategy is (none), and s in the ledger'],
        ['total_value', '500', 'total value is 50.0000, and 500.0000 in the ledger'],
        ['win', '1', 'win is none, and 1.0000000000 in the ledger'],
        ['row_id', '0', expect.stringMatching(/^row is \d+, and 0 in the ledger$/)],
        ['executed_at', "now() - interval '1 s'", expect.stringMatching(/^time is .*, and .* in the ledger$/)],
        ['trade_date', "'2020-02-29'", expect.stringMatching(/^day is .*, and 2020-02-29 in the ledger$/)],
        ['pnl_stated', 'true', 'realised P&L is not stated, and 0.0000 in the ledger'],
      ] as const
    ).map(([field, value, problem]): [string, string, object] => [
      'data_ledger_trades',
      `${ORDER('o')} ${TRADE('t', 'o')} ${ENTRY('t', {[field]: value})}`,
      {trade_id: 't', problem},
    ]),
    [
      'data_ledger_trades',
      `${ORDER('o')} ${TRADE('t', 'o')} ${ENTRY('t', {pnl_stated: 'true'})} UPDATE execution.trades SET realized_pnl = 7`,
      {problem: 'realised P&L is 7.0000, and 0.0000 in the ledger'},
    ],
    [
      'data_strategy_days',
      `INSERT INTO strategy_engine.strategies (name) VALUES ('s');
       INSERT INTO analytics.performance_metrics (strategy, date, total_trades, realized_pnl) VALUES ('s', now() - interval '25 hours', 3, 7);
       INSERT INTO strategy_engine.strategy_performance (strategy, date, total_trades, realized_pnl)
       VALUES ('s', now() - interval '25 hours', 3, 7.01), ('s', now() + interval '1 day', 9, 9)`,
      {strategy: 's', trades: '3', trades_by_analytics: '3', realized_pnl: '7.0100', pnl_by_analytics: '7.0000'},
    ],
    [
      'data_archives',
      `${ARCHIVED('a')} UPDATE analytics.archived_sync_ledger SET price = 6`,
      {
        trade_id: 'a',
        problem: expect.stringMatching(/^its row has A AAPL, 10.0000 at 5.0000.*its entry A AAPL, 10 at 6/),
      },
    ],
    [
      'data_archives',
      `${ARCHIVED('a')} ${ARCHIVED('b', 'trades')}`,
      {problem: 'archived_sync_ledger has no entry of it'},
    ],
    [
      'data_archives',
      `${ARCHIVED('a')} ${ARCHIVED('b', 'sync_ledger')}`,
      {problem: 'archived_trades has no row of it'},
    ],
    ['data_reckoning', ENTRY('t', {held: '9'}), {object: 'trade t', held: '9.0000', held_by_trades: '10.0000'}],
    [
      'data_reckoning',
      ENTRY('t', {average_cost: '5.1'}),
      {object: 'trade t', average_cost: '5.1', average_by_trades: '5.0000'},
    ],
    [
      'data_reckoning',
      ENTRY('t', {realized_pnl: '1'}),
      {object: 'trade t', realized_pnl: '1.0000', pnl_by_trades: '0.0000'},
    ],
    [
      'data_reckoning',
      ENTRY('t', {side: "'sell'", held: '-10', average_cost: '0'}),
      {held: '-10.0000', held_by_trades: '0.0000'},
    ],
    [
      'data_reckoning',
      `${ENTRY('t', {executed_at: "now() - interval '1 s'"})} ${ENTRY('u')}`,
      {object: 'trade u', held: '10.0000', held_by_trades: '20.0000'},
    ],
    [
      'data_reckoning',
      `${ENTRY('t')} ${PAIR(9, 't')}`,
      {object: 'last trade t', held: '9.0000', held_by_trades: '10.0000'},
    ],
    ['data_reckoning', `${ENTRY('t')} ${PAIR(10, 's')}`, {object: 'last trade s'}],
    ['data_reckoning', PAIR(10, 's'), {object: 'last trade s', held_by_trades: null}],
    [
      'data_gaps',
      `INSERT INTO analytics.sync_gaps (worker, reason, ended_at, filled_at) VALUES ('w', 'lost', now() - interval '11 minutes', NULL),
       ('w', 'restart', now() - interval '9 minutes', NULL), ('w', 'overflow', now() - interval '1 hour', now())`,
      {worker: 'w', reason: 'lost'},
    ],
    [
      'data_limit_strategies',
      `INSERT INTO strategy_engine.strategies (name, status) VALUES ('known', 'stopped');
       INSERT INTO risk_management.risk_limits (limit_type, strategy, limit_value, enabled)
         VALUES ('max_exposure', 'known', 5, true), ('max_exposure', 'unkown', 5, true), ('max_exposure', 'old', 5, false), ('max_exposure', NULL, 5, true)`,
      {object: 'risk limit', strategy: 'unkown'},
    ],
    [
      'data_limit_strategies',
      `INSERT INTO risk_management.position_limits (strategy, max_value) VALUES ('nobody', 5)`,
      {object: 'position limit', strategy: 'nobody'},
    ],
    ['data_quarantine_trades', QUARANTINED('trades', 't'), {event_key: 't', reason: 'too large'}],
    ['data_quarantine', QUARANTINED('positions', 'A X @ 1'), {event_key: 'A X @ 1', reason: 'too large'}],
    [
      'data_reports',
      `INSERT INTO analytics.reports (kind, day, from_at, to_at, time_zone, strategy, version, digest, trades, total_value,
         realized_pnl, document, made_by) VALUES ('day', '2026-01-02', '2026-01-02Z', '2026-01-03Z', 'UTC', 'm', 1, 'd', 1, 5, 0, '{}', 'me')`,
      {strategy: 'm'},
    ],
  ] as [string, string, object][])('%s: %s', async (id, damage, row) => {
    const {full, late} = await checkedAfter(damage, id);
    const severity = CHECKS.find(c => c.id === id)?.severity;
    expect([full.status, late.status]).toEqual([severity, severity]);
    expect(full.rows).toContainEqual(expect.objectContaining(row));
  });

  it.each([
    [
      'data_orphan_trades',
      `${WITHOUT('trades', 'trades_order_id_fkey', 'trades_as_their_orders')} ${TRADE('t', 'nobody')}`,
    ],
    ['data_trades_without_order', TRADE('t', null)],
    [
      'data_trades_match_orders',
      `${WITHOUT('trades', 'trades_as_their_orders')} ${ORDER('o', 'B')} ${TRADE('t', 'o')}`,
    ],
    ['data_fills_within_orders', `${ORDER('o')} ${TRADE('t', 'o')} ${TRADE('u', 'o', 1)}`],
    ['data_order_status', `${ORDER('o', 'A', 10, 'filled')} ${TRADE('t', 'o', 9)}`],
    ['data_execution_logs', `${ORDER('o', 'A', 10, 'filled')} ${STEPS('o', 'pending')}`],
    ['data_trades_synced', `${TRADE('t', null)} ${WORKER}`],
    ['data_ledger_trades', `${ORDER('o')} ${TRADE('t', 'o')} ${ENTRY('t', {price: '6'})}`],
    [
      'data_strategy_days',
      `INSERT INTO strategy_engine.strategies (name) VALUES ('s');
       INSERT INTO strategy_engine.strategy_performance (strategy, date, total_trades) VALUES ('s', '2026-01-01', 7)`,
    ],
    [
      'data_archives',
      `${ARCHIVED('a')} ${ARCHIVED('b', 'trades')} UPDATE analytics.book_closings SET closed_at = now() - interval '3 days'`,
    ],
    ['data_reckoning', ENTRY('t', {held: '9'})],
    ['data_reckoning', `${ENTRY('t')} ${PAIR(9, 't')}`],
    [
      'data_analytics',
      `INSERT INTO analytics.performance_metrics (strategy, date, win_sum) VALUES ('s', '2026-01-01', 7)`,
    ],
  ])('%s: of three days ago by --full alone, and with one of today by both: %s', async (id, damage) => {
    const aged = `${damage}; UPDATE execution.trades SET created_at = now() - interval '3 days';
      UPDATE execution.orders SET created_at = now() - interval '3 days';
      UPDATE execution.execution_logs SET created_at = now() - interval '3 days';
      UPDATE analytics.sync_ledger SET applied_at = now() - interval '3 days';
      UPDATE analytics.sync_pairs SET updated_at = now() - interval '3 days'`;
    const {full, late} = await checkedAfter(aged, id);
    expect([full.status, late.status]).toEqual([CHECKS.find(c => c.id === id)?.severity, 'pass']);
  });

  it('every check of the data that has a window was tried with an old violation', () => {
    const tried = [
      'orphan_trades',
      'trades_without_order',
      'trades_match_orders',
      'fills_within_orders',
      'order_status',
      'execution_logs',
      'trades_synced',
      'ledger_trades',
      'strategy_days',
      'archives',
      'reckoning',
      'analytics',
    ];
    // Positions are compared with the ledger where the window is bounded, whatever their age.
    expect(
      CHECKS.filter(c => c.windowed)
        .map(c => c.id)
        .sort(),
    ).toEqual([...tried, 'positions_from_trades'].map(id => `data_${id}`).sort());
  });

  it.each([
    [
      'a correct desk',
      `${ORDER('o', 'A', 10, 'filled')} ${TRADE('t', 'o', 4)} ${TRADE('u', 'o', 6)}
      ${POSITION(10, ', last_price, market_value, unrealized_pnl', ', 6, 60, 10')}`,
    ],
    [
      'a position that was closed',
      `${ORDER('o', 'A', 10, 'filled')} ${TRADE('t', 'o')} ${ORDER('s', 'A', 10, 'filled').replace("'buy'", "'sell'")}
      ${TRADE('u', 's')} ${POSITION(0)}`,
    ],
    [
      'a desk whose synchroniser has applied everything',
      `${ORDER('o', 'A', 10, 'filled')} ${TRADE('t', 'o')} ${ENTRY('t')} ${PAIR(10, 't')} ${WORKER} ${POSITION(10)}
      INSERT INTO analytics.portfolio_summary (account_id, symbol, total_value, total_trades) VALUES ('A', 'AAPL', 50, 1);
      INSERT INTO analytics.performance_metrics (strategy, date, total_value, total_trades)
      VALUES ('(none)', (now() AT TIME ZONE 'UTC')::date, 50, 1)`,
    ],
    [
      'what an older release applied and nothing has reckoned since, and an event whose row is not seen yet',
      `${ORDER('o', 'A', 10, 'filled')} ${TRADE('t', 'o')} ${ENTRY('t', {held: 'NULL', average_cost: 'NULL'})}
      ${ENTRY('u', {row_id: 'NULL', executed_at: 'NULL', held: 'NULL', average_cost: 'NULL', side: 'NULL', quantity: 'NULL', price: 'NULL'})}
      ${WORKER} ${POSITION(10)}
      INSERT INTO analytics.portfolio_summary (account_id, symbol, total_value, total_trades) VALUES ('A', 'AAPL', 100, 2);
      INSERT INTO analytics.performance_metrics (strategy, date, total_value, total_trades)
      VALUES ('(none)', (now() AT TIME ZONE 'UTC')::date, 100, 2)`,
    ],
    [
      'a trade that an operator has rejected, of which the books have no row',
      QUARANTINED('trades', 't', ', resolved_at, resolution', ", now(), 'rejected'"),
    ],
    [
      'an order that was cancelled when half filled',
      `${ORDER('o', 'A', 10, 'cancelled')} ${TRADE('t', 'o', 5)} ${POSITION(5)}`,
    ],
    [
      'rounding in the last digit',
      `${ORDER('o', 'A', 3, 'filled')} ${TRADE('t', 'o', 3)} ${POSITION(3, ', last_price, market_value, unrealized_pnl', ', 0.3333, 0.9999, -14.0001')}`,
    ],
  ])('and passes %s', async (_, rows) => {
    await client.query('BEGIN');
    await client.query(rows);
    const results = [
      ...(await runChecks(asking(client), CHECKS, {only: ['data']})),
      ...(await runChecks(asking(client), CHECKS, {only: ['data'], full: true})),
    ];
    await client.query('ROLLBACK');
    expect(results.filter(r => r.status !== 'pass')).toEqual([]);
  });
});

describe('the check of backups', () => {
  const OLD = `UPDATE shared.schema_migrations SET applied_at = now() - interval '2 days';`;
  const RECORD = (operation: string, result: string) =>
    `INSERT INTO shared.audit_log (user_id, operation, result) VALUES ('a', '${operation}', '${result}');`;

  it.each([
    ['health_backup_age', OLD],
    ['health_backup_age', `${OLD} ${RECORD('backup', 'failed')} ${RECORD('restore', 'done')}`],
  ])('%s finds that there is none', async (id, damage) => {
    expect(await checkAfter(damage, id)).toMatchObject({status: 'warn', rows: [{last_backup: 'none in 31 days'}]});
  });

  it('passes after one, and on a database of today', async () => {
    expect((await checkAfter(`${OLD} ${RECORD('backup', 'done')}`, 'health_backup_age')).rows).toEqual([]);
    expect((await checkAfter('SELECT 1', 'health_backup_age')).rows).toEqual([]);
  });
});

describe('every check of the server finds its violation', () => {
  let server: PostgresServer;
  let own: pg.Client;
  beforeAll(async () => {
    server = await ownPostgres({settings: {max_prepared_transactions: '4', wal_level: 'replica'}});
    own = new pg.Client({
      host: server.host,
      port: server.port,
      user: 'postgres',
      password: server.password,
      database: 'postgres',
      ssl: false,
    });
    await own.connect();
  });
  afterAll(async () => {
    await own?.end();
    await server?.stop();
  });
  const found = async (id: string, edit?: (text: string) => string) =>
    noted((await runChecks(asking(own, edit), CHECKS, {only: [id]}))[0] as CheckResult);

  it('health_autovacuum, for a table and for the server', async () => {
    await own.query('CREATE TABLE neglected (id int) WITH (autovacuum_enabled = off)');
    expect((await found('health_autovacuum')).rows).toEqual([
      {object: 'neglected', problem: 'autovacuum is off for this table'},
    ]);
    await own.query('ALTER SYSTEM SET autovacuum = off');
    await own.query('SELECT pg_reload_conf()');
    await waitFor('the setting', async () => (await own.query('SHOW autovacuum')).rows[0].autovacuum === 'off');
    expect((await found('health_autovacuum')).rows).toContainEqual({object: 'server', problem: 'autovacuum is off'});
    await own.query('ALTER SYSTEM RESET autovacuum');
    await own.query('SELECT pg_reload_conf()');
  });

  it('health_dead_rows', async () => {
    await own.query(`CREATE TABLE rotten (id int) WITH (autovacuum_enabled = off);
      INSERT INTO rotten SELECT generate_series(1, 30000); DELETE FROM rotten WHERE id <= 15000`);
    const result = await waitFor('the statistics', async () => {
      const r = await found('health_dead_rows');
      return r.rows.length > 0 && r;
    });
    expect(result).toMatchObject({status: 'warn', rows: [{object: 'public.rotten', dead: '15000', live: '15000'}]});
  });

  it('health_invalid_indexes', async () => {
    await own.query('CREATE TABLE twice (id int); INSERT INTO twice VALUES (1), (1)');
    await expect(own.query('CREATE UNIQUE INDEX CONCURRENTLY twice_once ON twice (id)')).rejects.toThrow();
    expect((await found('health_invalid_indexes')).rows).toEqual([{object: 'twice_once', table: 'twice'}]);
  });

  it('health_replication_slots', async () => {
    await own.query("SELECT pg_create_physical_replication_slot('forgotten', true)");
    expect(await found('health_replication_slots')).toMatchObject({status: 'warn', rows: [{object: 'forgotten'}]});
    await own.query("SELECT pg_drop_replication_slot('forgotten')");
    expect((await found('health_replication_slots')).status).toBe('pass');
  });

  it('health_writable, for the database and the roles that write, and not for the monitor', async () => {
    const on = (what: string) => `ALTER ${what} SET default_transaction_read_only = on;`;
    const name = db.name;
    const damage = on(`DATABASE ${name}`) + on(`ROLE svc_execution IN DATABASE ${name}`) + on(`ROLE tradetop_monitor`);
    const reset = (what: string) =>
      `SET default_transaction_read_only = off; ALTER ${what} RESET default_transaction_read_only;`;
    expect((await checkAfter(damage, 'health_writable')).rows).toMatchObject([
      {object: `database ${name}`, reset: reset(`DATABASE ${name}`)},
      {object: `role svc_execution in database ${name}`, reset: reset(`ROLE svc_execution IN DATABASE ${name}`)},
    ]);
    expect((await checkAfter('', 'health_writable')).status).toBe('pass');
  });

  it('health_durability', async () => {
    expect((await found('health_durability')).rows).toContainEqual({
      object: 'fsync',
      setting: 'off',
      problem: 'a crash may damage the data',
    });
  });

  it('health_prepared_transactions, health_idle_in_transaction and health_long_transactions, once they are old enough', async () => {
    const idle = new pg.Client({
      host: server.host,
      port: server.port,
      user: 'postgres',
      password: server.password,
      ssl: false,
    });
    await idle.connect();
    try {
      await idle.query("BEGIN; CREATE TABLE p (id int); PREPARE TRANSACTION 'forgotten'");
      await idle.query('BEGIN; SELECT 1');
      const now = (text: string) => text.replaceAll(/interval '(1 minute|5 minutes|1 hour)'/g, "interval '0 seconds'");
      for (const id of ['health_prepared_transactions', 'health_idle_in_transaction', 'health_long_transactions']) {
        expect([id, (await found(id)).status, (await found(id, now)).status]).toEqual([id, 'pass', 'warn']);
      }
      expect((await found('health_prepared_transactions', now)).rows).toMatchObject([{object: 'forgotten'}]);
      expect((await found('health_idle_in_transaction', now)).rows).toMatchObject([{state: 'idle in transaction'}]);
    } finally {
      await idle.query("ROLLBACK; ROLLBACK PREPARED 'forgotten'").catch(() => {});
      await idle.query("ROLLBACK PREPARED 'forgotten'").catch(() => {});
      await idle.end();
    }
  });

  it('health_lock_waits, with who blocks', async () => {
    const {host, port, password} = server;
    const [holder, waiter] = [0, 1].map(() => new pg.Client({host, port, user: 'postgres', password, ssl: false}));
    if (!holder || !waiter) return;
    await Promise.all([holder.connect(), waiter.connect()]);
    await own.query('CREATE TABLE held (id int)');
    await holder.query('BEGIN; LOCK TABLE held');
    const {rows} = await holder.query('SELECT pg_backend_pid()::text AS pid');
    const waiting = waiter.query('BEGIN; LOCK TABLE held').catch(() => {});
    const now = (text: string) => text.replace("interval '5 seconds'", "interval '0 seconds'");
    const result = await waitFor('the wait', async () => {
      const r = await found('health_lock_waits', now);
      return r.rows.length > 0 && r;
    });
    expect(result).toMatchObject({status: 'warn', rows: [{user: 'postgres', blocked_by: rows[0].pid}]});
    await holder.query('ROLLBACK');
    await waiting;
    expect((await found('health_lock_waits', now)).status).toBe('pass');
    await Promise.all([holder.end(), waiter.end()]);
  });

  it('health_connections', async () => {
    const {rows} = await own.query('SELECT current_setting($$max_connections$$)::int AS most');
    const many: pg.Client[] = [];
    try {
      while (many.length < rows[0].most * 0.8) {
        const c = new pg.Client({
          host: server.host,
          port: server.port,
          user: 'postgres',
          password: server.password,
          ssl: false,
        });
        c.on('error', () => {});
        many.push(c);
        await c.connect();
      }
      expect((await found('health_connections')).status).toBe('warn');
    } finally {
      await Promise.all(many.map(c => c.end()));
    }
  });

  it('health_wraparound and health_wraparound_near, with lower thresholds', async () => {
    expect((await found('health_wraparound')).status).toBe('pass');
    expect((await found('health_wraparound', t => t.replaceAll('1.5 *', '0 *'))).rows.map(r => r.object)).toContain(
      'postgres',
    );
    expect((await found('health_wraparound_near', t => t.replace('1646483647', '0'))).status).toBe('fail');
  });

  it('setup_prefect, and setup_databases', async () => {
    expect((await found('setup_prefect')).rows).toEqual([
      {object: 'prefect', problem: 'there is no database for Prefect'},
    ]);
    await own.query('CREATE DATABASE flows');
    await own.query("COMMENT ON DATABASE flows IS 'Prefect: its tables are its own (tradetop).'");
    expect((await found('setup_prefect')).status).toBe('pass');
    expect((await found('setup_databases')).status).toBe('pass');
    await own.query(
      "BEGIN; UPDATE pg_database SET datcollate = 'de_DE.UTF-8', datlocprovider = 'c' WHERE datname = 'postgres'",
    );
    expect((await found('setup_databases')).rows).toMatchObject([
      {problem: expect.stringMatching(/sorts by de_DE.UTF-8/)},
    ]);
    await own.query('UPDATE pg_database SET encoding = 8');
    expect((await found('setup_databases')).rows).toEqual([
      {object: 'postgres', problem: 'is encoded in LATIN1, not UTF8'},
    ]);
    await own.query('ROLLBACK');
  });

  it('health_checksum_failures, with a lower threshold', async () => {
    expect((await found('health_checksum_failures')).status).toBe('pass');
    const any = await found('health_checksum_failures', t => t.replace('checksum_failures > 0', 'datname IS NOT NULL'));
    expect(any).toMatchObject({
      status: 'fail',
      rows: expect.arrayContaining([expect.objectContaining({object: 'postgres'})]),
    });
  });
});

it('every check has found a violation above', () => {
  expect(CHECKS.filter(c => !proved.has(c.id)).map(c => c.id)).toEqual([]);
});

describe('running checks', () => {
  it('runs only the chosen groups or checks, in order, and reports each when it has ended', async () => {
    const told: string[] = [];
    const results = await runChecks(asking(client), CHECKS, {
      only: ['data_future', 'health'],
      onResult: r => told.push(r.id),
    });
    expect(results.map(r => r.id)).toEqual(told);
    expect(told).toEqual(CHECKS.filter(c => c.group === 'health' || c.id === 'data_future').map(c => c.id));
  });

  it('skips checks after an abort, and in a database that is not set up, with the reason', async () => {
    const stop = new AbortController();
    const results = await runChecks(asking(client), CHECKS, {
      only: ['setup'],
      signal: stop.signal,
      onResult: () => stop.abort(),
    });
    expect(results.map(r => r.status).slice(0, 3)).toEqual(['pass', 'skip', 'skip']);
    const empty = openPg({...targetOf(db), database: 'postgres'}, sql, {name: 'test', max: 1});
    const data = await runChecks(empty, CHECKS, {only: ['data_orphan_trades', 'setup_tables']});
    await empty.close();
    expect(data[1]).toMatchObject({status: 'skip', why: expect.stringMatching(/^a table is missing: /)});
    expect(data[0]).toMatchObject({status: 'fail'});
    expect(data[0]?.rows.length).toBeGreaterThan(10);
  });

  it('needs no more rights than the monitor has', async () => {
    const monitor = await loginAs('tradetop_monitor', db);
    const results = await runChecks(asking(monitor), CHECKS);
    await monitor.end();
    expect(results.filter(r => r.status === 'skip')).toEqual([]);
    expect(results.filter(r => r.status === 'fail')).toEqual([]);
  });

  it('keeps 500 rows and says that there are more, and no terminal escapes', async () => {
    await client.query('BEGIN');
    await client.query(`INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
      SELECT E'\\x1b]0;evil\\x07' || n, 'A', 'X', 1, 1, now() FROM generate_series(1, 600) AS n`);
    const [result] = await runChecks(asking(client), CHECKS, {only: ['data_trades_without_order']});
    await client.query('ROLLBACK');
    expect(result?.rows).toHaveLength(500);
    expect(result?.more).toBe(true);
    expect(JSON.stringify(result)).not.toMatch(/\\u001b|\\u0007/);
  });

  it('names in step 4 of the set-up exactly the checks of the set-up, with their titles', () => {
    const text = readFileSync(`${sql.dir}/04_verify_setup.sql`, 'utf8');
    const said = [
      ...text.matchAll(/\\ir verify\/(\w+)\.sql\nSELECT pg_temp\.say\('(\w+)', '(\w+)', '([^']+)',\s+:ROW_COUNT\)/g),
    ];
    expect(said.map(m => [m[1], m[2], m[3], m[4]])).toEqual(
      CHECKS.filter(c => c.group === 'setup').map(c => [c.id, c.id, c.severity, c.title]),
    );
  });
});
