import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {loadSql} from '../../../src/io/sql.ts';
import {setUp} from '../../../src/setup/setup.ts';
import {cloneDesk, loginAs, targetOf} from '../../helpers/desk/desk.ts';
import {type Database, servers} from '../../helpers/servers/servers.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

let db: Database;
let client: pg.Client;
let old = false;
beforeAll(async () => {
  old = (await servers()).postgres.majorVersion < 17;
  db = await cloneDesk();
  client = new pg.Client(db.config);
  await client.connect();
  await client.query(`
    INSERT INTO risk_management.risk_limits (limit_type, limit_value) VALUES ('max_exposure', 1000);
    INSERT INTO risk_management.risk_events (event_type, severity, message) VALUES ('max_exposure', 'warning', 'near');
    INSERT INTO shared.system_config (key, value) VALUES ('desk.open', 'true');
    INSERT INTO notification.notification_configs (name, channel, secret, secret_key_id) VALUES ('ops', 'slack', '\\xc30d04', 'k');
    INSERT INTO logging.system_logs (service, message) VALUES ('execution', 'hello');
  `);
});
afterAll(async () => {
  await client?.end();
  await db?.drop();
});

/** The SQLSTATE of a statement for a role, or `may`. Its effect is rolled back. */
async function asRole(role: string, ...statements: readonly string[]): Promise<string> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL SESSION AUTHORIZATION ${role}`);
    await client.query('SET LOCAL transaction_read_only = off');
    for (const statement of statements) await client.query(statement);
    return 'may';
  } catch (error) {
    return String((error as {code?: string}).code);
  } finally {
    await client.query('ROLLBACK');
  }
}
const DENIED = '42501';

const TABLES: Readonly<Record<string, string>> = {
  'data_ingestion.market_data': 'svc_data_ingestion=rawd others=r -svc_notification -svc_logging',
  'data_ingestion.data_quality_logs': 'svc_data_ingestion=rawd svc_analytics=r tradetop_sync=raw tradetop_operator=d',
  'data_ingestion.ingestion_status': 'svc_data_ingestion=rawd svc_analytics=r',
  'execution.orders': 'svc_execution=rawd trading_app=rawd readers=r',
  // Fills are append-only; the operator busts trades, and corrects single columns of them.
  'execution.trades': 'svc_execution=ra trading_app=ra readers=r tradetop_operator=d',
  // Closed books are read by the services, and added to by the operator; nobody changes them.
  'execution.archived_trades': 'svc_execution=r trading_app=r readers=r tradetop_operator=a',
  'analytics.archived_sync_ledger': 'svc_analytics=r tradetop_sync=r tradetop_operator=a',
  'analytics.book_closings': 'svc_analytics=r tradetop_sync=r tradetop_operator=a',
  'analytics.opening_balances': 'svc_analytics=r tradetop_sync=r tradetop_operator=a',
  // So is what became of the orders.
  'execution.execution_logs': 'svc_execution=ra trading_app=ra readers=r',
  // Reports are kept, and never changed.
  'analytics.reports': 'svc_analytics=ra tradetop_operator=a',
  'execution.positions': 'svc_execution=rawd trading_app=rawd readers=r',
  'strategy_engine.strategies':
    'svc_strategy_engine=rawd svc_execution=r svc_risk_management=r svc_analytics=r trading_app=r',
  'strategy_engine.strategy_signals': 'svc_strategy_engine=rawd svc_execution=r',
  'strategy_engine.strategy_performance': 'svc_strategy_engine=rawd svc_analytics=r',
  'risk_management.risk_limits': 'svc_risk_management=rawd svc_execution=r tradetop_sync=r tradetop_operator=a',
  'risk_management.risk_events': 'svc_risk_management=rawd svc_notification=r tradetop_sync=ra',
  'risk_management.position_limits': 'svc_risk_management=rawd svc_execution=r tradetop_sync=r tradetop_operator=a',
  'analytics.portfolio_summary': 'svc_analytics=rawd tradetop_sync=rawd tradetop_operator=rawd svc_risk_management=r',
  'analytics.performance_metrics': 'svc_analytics=rawd tradetop_sync=rawd tradetop_operator=rawd',
  'analytics.sync_ledger': 'svc_analytics=rawd tradetop_sync=rawd tradetop_operator=rawd',
  'analytics.sync_quarantine': 'svc_analytics=rawd tradetop_sync=rawd tradetop_operator=rawd',
  'analytics.sync_gaps': 'svc_analytics=rawd tradetop_sync=rawd',
  'analytics.sync_marks': 'svc_analytics=rawd tradetop_sync=rawd tradetop_operator=rawd',
  'analytics.sync_workers': 'svc_analytics=rawd tradetop_sync=rawd',
  'analytics.sync_pairs': 'svc_analytics=rawd tradetop_sync=rawd tradetop_operator=rawd',
  'analytics.sync_restatements': 'svc_analytics=rawd tradetop_sync=rawd tradetop_operator=rawd',
  'analytics.sync_slots': 'svc_analytics=rawd tradetop_sync=rawd',
  'notification.notification_configs': 'svc_notification=rawd -watchers',
  'notification.notification_logs': 'svc_notification=rawd tradetop_operator=d',
  'notification.told_alerts': 'svc_notification=rawd -watchers',
  'logging.system_logs': 'svc_logging=rawd services=a svc_notification=ra tradetop_operator=rawd',
  'logging.performance_logs': 'svc_logging=rawd services=a tradetop_operator=rd',
  'logging.archived_system_logs': 'svc_logging=rawd tradetop_operator=rad',
  'shared.alert_lives': 'tradetop_operator=rawd tradetop_sync=raw svc_notification=raw',
  'shared.alert_marks': 'tradetop_operator=rawd',
  'shared.maintenance_runs': 'tradetop_operator=rawd',
  'shared.system_config': 'services=r tradetop_operator=a',
  'shared.audit_log': '',
  'shared.schema_migrations': '',
  // Bars are read through their parent; only the default partition is read directly.
  'data_ingestion.market_data_default': '',
  [`data_ingestion.market_data_${new Date().toISOString().slice(0, 7).replace('-', '_')}`]: '-watchers',
};
const SERVICES = [
  'svc_data_ingestion',
  'svc_strategy_engine',
  'svc_execution',
  'svc_risk_management',
  'svc_analytics',
  'svc_notification',
  'svc_logging',
  'tradetop_sync',
];
const WATCHERS = ['tradetop_monitor', 'tradetop_operator'];
const ROLES = [...SERVICES, 'trading_app', ...WATCHERS];
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  services: SERVICES,
  watchers: WATCHERS,
  readers: ['svc_strategy_engine', 'svc_risk_management', 'svc_analytics', 'tradetop_sync'],
  others: ROLES,
};

/** Schemas, and the roles with USAGE on them; monitor and operator have it on all. */
const SCHEMAS: ReadonlyMap<string, string> = new Map([
  [
    'data_ingestion',
    'svc_data_ingestion svc_strategy_engine svc_execution svc_risk_management svc_analytics tradetop_sync trading_app',
  ],
  ['strategy_engine', 'svc_strategy_engine svc_execution svc_risk_management svc_analytics trading_app'],
  ['execution', 'svc_strategy_engine svc_execution svc_risk_management svc_analytics tradetop_sync trading_app'],
  ['risk_management', 'svc_risk_management svc_execution svc_notification tradetop_sync'],
  ['analytics', 'svc_analytics tradetop_sync svc_risk_management'],
  ['notification', 'svc_notification'],
  ['logging', SERVICES.join(' ')],
  ['shared', `${SERVICES.join(' ')} trading_app`],
]);
/** Functions, and the roles that may call them. Nobody calls those of triggers, whatever their rights. */
const PARTITIONERS = 'tradetop_operator svc_data_ingestion';
const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['shared.create_monthly_partition(text,date)', PARTITIONERS],
  ['shared.ensure_partitions_ahead(integer,text)', PARTITIONERS],
  ['shared.detach_old_partitions(integer,text)', PARTITIONERS],
  ['shared.drop_leftover_index(text)', 'tradetop_operator'],
  ['shared.inventory()', 'all'],
  ['shared.partitions(regclass)', 'all'],
  ['shared.partitioned_table(text)', 'all'],
  ['shared.refuse_change()', 'all'],
  ['shared.stamp_audit()', 'all'],
  ['notification.keep_for_transaction()', 'all'],
  ['logging.keep_level()', 'all'],
  ['analytics.average_cost(numeric,numeric,text[],numeric[],numeric[],numeric[])', 'all'],
]);
/** Rights on single columns. */
const AUDITED = [
  'timestamp',
  'user_id',
  'operation',
  'table_name',
  'target',
  'statement',
  'rows',
  'duration_ms',
  'result',
  'detail',
  'correlation_id',
  'os_user',
  'client',
  'application',
];
const SHOWN = [
  'id',
  'name',
  'channel',
  'target',
  'event_types',
  'min_severity',
  'enabled',
  'secret_key_id',
  'version',
  'created_at',
  'updated_at',
];
const COLUMNS: readonly (readonly [
  role: string,
  right: 'select' | 'insert' | 'update',
  table: string,
  columns: readonly string[],
])[] = [
  ['tradetop_services', 'insert', 'shared.audit_log', AUDITED],
  ['trading_app', 'insert', 'shared.audit_log', AUDITED],
  ['tradetop_operator', 'insert', 'shared.audit_log', AUDITED],
  [
    'tradetop_sync',
    'update',
    'execution.positions',
    ['market_value', 'unrealized_pnl', 'last_price', 'last_price_at', 'last_updated', 'version'],
  ],
  [
    'tradetop_operator',
    'update',
    'execution.trades',
    [
      ...['quantity', 'price', 'commission', 'side', 'total_value', 'realized_pnl', 'win_rate'],
      ...['executed_at', 'strategy', 'trade_type'],
    ],
  ],
  [
    'tradetop_operator',
    'update',
    'execution.positions',
    ['market_value', 'unrealized_pnl', 'last_price', 'last_price_at'],
  ],
  ['tradetop_monitor', 'select', 'notification.notification_configs', SHOWN],
  ['tradetop_operator', 'select', 'notification.notification_configs', SHOWN],
  [
    'tradetop_operator',
    'update',
    'risk_management.risk_events',
    ['acknowledged_at', 'acknowledged_by', 'resolved_at', 'updated_at', 'version'],
  ],
  [
    'tradetop_operator',
    'insert',
    'risk_management.risk_limits',
    ['limit_type', 'account_id', 'strategy', 'symbol', 'limit_value', 'warn_fraction', 'enabled', 'updated_by'],
  ],
  ['tradetop_operator', 'update', 'strategy_engine.strategies', ['status', 'updated_at', 'version']],
  [
    'tradetop_operator',
    'update',
    'risk_management.risk_limits',
    ['limit_value', 'warn_fraction', 'enabled', 'updated_by', 'updated_at', 'version'],
  ],
  ['tradetop_operator', 'update', 'data_ingestion.data_quality_logs', ['resolved_at', 'resolved_by']],
  [
    'tradetop_operator',
    'insert',
    'risk_management.position_limits',
    ['account_id', 'strategy', 'symbol', 'max_quantity', 'max_value', 'warn_fraction', 'enabled', 'updated_by'],
  ],
  [
    'tradetop_operator',
    'update',
    'risk_management.position_limits',
    ['max_quantity', 'max_value', 'warn_fraction', 'enabled', 'updated_by', 'updated_at', 'version'],
  ],
  [
    'tradetop_sync',
    'update',
    'risk_management.position_limits',
    ['used_quantity', 'used_value', 'evaluated_at', 'breached_at', 'event_id'],
  ],
  [
    'tradetop_sync',
    'insert',
    'risk_management.risk_events',
    [
      ...['event_type', 'severity', 'account_id', 'strategy', 'symbol', 'observed_value', 'limit_value', 'message'],
      'correlation_id',
    ],
  ],
  ['tradetop_sync', 'update', 'risk_management.risk_events', ['resolved_at', 'updated_at', 'version']],
  ['tradetop_operator', 'insert', 'shared.system_config', ['key', 'value', 'description', 'updated_by']],
  [
    'tradetop_operator',
    'update',
    'shared.system_config',
    ['value', 'description', 'updated_by', 'updated_at', 'version'],
  ],
];

/** Rights on a table by role: the monitor and the operator read; each word of its line adds rights, or removes all. */
function granted(words: string): Readonly<Record<string, string>> {
  const rights: Record<string, string> = Object.fromEntries(WATCHERS.map(role => [role, 'r']));
  for (const word of words.split(' ').filter(w => w !== '')) {
    const [who = '', what = ''] = word.replace(/^-/, '').split('=');
    for (const role of GROUPS[who] ?? [who]) {
      rights[role] = word.startsWith('-')
        ? ''
        : [...'rawd'].filter(r => `${rights[role] ?? ''}${what}`.includes(r)).join('');
    }
  }
  return rights;
}

const STATEMENTS: Readonly<Record<string, (table: string) => string>> = {
  r: table => `SELECT * FROM ${table} LIMIT 0`,
  a: table => `INSERT INTO ${table} DEFAULT VALUES`,
  w: table => `UPDATE ${table} SET created_at = NULL WHERE false`,
  d: table => `DELETE FROM ${table} WHERE false`,
  D: table => `TRUNCATE ${table}`,
};
const LAST_COLUMN: Readonly<Record<string, string>> = {
  'analytics.sync_ledger': 'applied_at',
  'analytics.sync_quarantine': 'reason',
  'analytics.sync_gaps': 'error',
  'analytics.sync_marks': 'price',
  'analytics.sync_workers': 'host',
  'analytics.sync_pairs': 'held',
  'analytics.archived_sync_ledger': 'held',
  'analytics.book_closings': 'closed_by',
  'analytics.opening_balances': 'held',
  'analytics.reports': 'note',
  'shared.alert_lives': 'text',
  'analytics.sync_restatements': 'cause',
  'notification.told_alerts': 'text',
  'shared.schema_migrations': 'name',
  'shared.audit_log': 'detail',
  'shared.maintenance_runs': 'detail',
};

describe.each(ROLES)('%s', role => {
  it.each(Object.entries(TABLES).map(([table, words]) => [table, granted(words)[role] ?? ''] as const))(
    'on %s may: %s',
    async (table, rights) => {
      const column = LAST_COLUMN[table] ?? 'created_at';
      const may: string[] = [];
      for (const [letter, statement] of Object.entries(STATEMENTS)) {
        const outcome = await asRole(role, statement(table).replace('created_at', column));
        // NOT NULL, unique and row-level security are checked after the right on the table.
        if (outcome !== DENIED || (role === 'trading_app' && letter === 'a' && rights.includes('a'))) may.push(letter);
      }
      const audit = table === 'shared.audit_log' && role !== 'tradetop_monitor' ? 'a' : '';
      expect(may.join('')).toBe([...'rawdD'].filter(r => `${rights}${audit}`.includes(r)).join(''));
    },
  );

  it.each([...SCHEMAS.keys(), 'public'])('may create nothing in schema %s', async schema => {
    expect(await asRole(role, `CREATE TABLE ${schema}.mine (id int)`)).toBe(DENIED);
    expect(await asRole(role, `CREATE FUNCTION ${schema}.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'`)).toBe(DENIED);
  });

  it('may create nothing else', async () => {
    expect(await asRole(role, 'CREATE SCHEMA mine')).toBe(DENIED);
    expect(await asRole(role, 'ALTER TABLE execution.trades ADD COLUMN mine int')).toBe(DENIED);
    expect(await asRole(role, 'CREATE ROLE mine')).toBe(DENIED);
  });

  it('may take on no owner’s role, nor another role; the operator the monitor’s, to read with less power', async () => {
    for (const other of ['tradetop_owner', 'tradetop_keeper', ...ROLES.filter(r => r !== role)]) {
      const may = role === 'tradetop_operator' && other === 'tradetop_monitor' ? 'may' : DENIED;
      expect([other, await asRole(role, `SET ROLE ${other}`)]).toEqual([other, may]);
    }
  });
});

describe('every right is listed here', () => {
  const column = async (text: string): Promise<readonly string[]> =>
    (await client.query({text, rowMode: 'array'})).rows.map(row => String(row[0]));
  const OURS = `(${[...SCHEMAS.keys()].map(s => `'${s}'`).join()})`;

  it('on every table', async () => {
    const all = await column(`SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p')
      AND relnamespace::regnamespace::text IN ${OURS} AND (NOT relispartition OR relname ~ 'default') ORDER BY 1`);
    const listed = Object.keys(TABLES).filter(name => !/_20\d\d_\d\d$/.test(name));
    expect(listed.toSorted()).toEqual(all.toSorted());
  });

  it('on every function, and no other runs with its owner’s rights', async () => {
    const all = await column(`SELECT p.oid::regprocedure FROM pg_proc AS p
      WHERE pronamespace::regnamespace::text IN ${OURS}`);
    expect([...FUNCTIONS.keys()].toSorted()).toEqual(all.toSorted());
    const lending = await column(`SELECT p.oid::regprocedure FROM pg_proc AS p
      WHERE pronamespace::regnamespace::text IN ${OURS} AND prosecdef`);
    expect(lending.toSorted()).toEqual(
      [...FUNCTIONS]
        .filter(([, who]) => who !== 'all')
        .map(([name]) => name)
        .toSorted(),
    );
  });

  it('on every column that is granted separately', async () => {
    const all = await column(`SELECT concat_ws(' ', grantee::regrole, lower(privilege_type), attrelid::regclass) || ': '
        || string_agg(attname, ', ' ORDER BY attname)
      FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid, aclexplode(attacl) AS acl
      WHERE relnamespace::regnamespace::text IN ${OURS} GROUP BY grantee, privilege_type, attrelid`);
    const listed = COLUMNS.map(
      ([role, right, table, columns]) => `${role} ${right} ${table}: ${columns.toSorted().join(', ')}`,
    );
    expect(listed.toSorted()).toEqual(all.toSorted());
  });

  it('and no role has any power beyond logging in', async () => {
    const strong = await column(`SELECT rolname FROM pg_roles WHERE (rolsuper OR rolcreaterole OR rolcreatedb
        OR rolreplication OR rolbypassrls OR rolcanlogin <> (rolname ~ '^(svc_|trading_app|tradetop_(sync|monitor|operator))'))
      AND rolname ~ '^(svc_|trading_app|tradetop_)' AND rolname !~ '_test'`);
    expect(strong).toEqual([]);
  });
});

describe.each([...SCHEMAS])('schema %s', (schema, who) => {
  it.each(ROLES.map(role => [role, who.split(' ').includes(role) || WATCHERS.includes(role)] as const))(
    'is open to %s: %s',
    async (role, open) => {
      const {rows} = await client.query('SELECT has_schema_privilege($1, $2, $3) AS open', [role, schema, 'USAGE']);
      expect(rows[0].open).toBe(open);
    },
  );
});

describe.each([...FUNCTIONS])('function %s', (name, who) => {
  it.each(ROLES.map(role => [role, who === 'all' || who.split(' ').includes(role)] as const))(
    'may be called by %s: %s',
    async (role, may) => {
      const {rows} = await client.query('SELECT has_function_privilege($1, $2, $3) AS may', [role, name, 'EXECUTE']);
      expect(rows[0].may).toBe(may);
    },
  );
});

// Roles with INSERT on a table use its sequence, and no others; monitor and operator read it; nobody sets it.
const OWNED = Object.keys(TABLES).filter(
  table =>
    !/market_data_|sync_(?:ledger|marks|workers|pairs|slots)|archived_|book_|opening_|schema_migrations|alert_marks|told_alerts|maintenance_/.test(
      table,
    ),
);
describe.each(OWNED)('the sequence of %s', table => {
  it.each(ROLES)('is used by %s like the table', async role => {
    const sequence = `${table}_id_seq`;
    const rights = granted(TABLES[table] ?? '')[role] ?? '';
    const writes = rights.includes('a') || (table === 'shared.audit_log' && role !== 'tradetop_monitor');
    expect([
      await asRole(role, `SELECT nextval('${sequence}')`),
      await asRole(role, `SELECT last_value FROM ${sequence}`),
      await asRole(role, `SELECT setval('${sequence}', 1)`),
    ]).toEqual([writes ? 'may' : DENIED, WATCHERS.includes(role) ? 'may' : DENIED, DENIED]);
  });
});

describe.each(COLUMNS)('%s may %s on %s', (role, right, table, granted) => {
  const statement = (column: string): string =>
    ({
      select: `SELECT "${column}" FROM ${table} LIMIT 0`,
      insert: `INSERT INTO ${table} ("${column}") SELECT NULL WHERE false`,
      update: `UPDATE ${table} SET "${column}" = NULL WHERE false`,
    })[right];

  it('each of these columns, and no other', async () => {
    const {rows} = await client.query(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
      [table],
    );
    const may: string[] = [];
    for (const {name} of rows) if ((await asRole(role, statement(name))) !== DENIED) may.push(name);
    expect(may.toSorted()).toEqual(granted.toSorted());
  });
});

const AUDIT = 'INSERT INTO shared.audit_log (user_id, operation, table_name';
describe.each([
  ['tradetop_operator', true],
  ['trading_app', true],
  ['tradetop_sync', true],
  ...SERVICES.slice(0, 7).map(s => [s, true] as const),
  ['tradetop_monitor', false],
] as const)('%s and the audit log', (role, may) => {
  it(may ? 'may add to it' : 'may not add to it', async () => {
    expect(await asRole(role, `${AUDIT}) VALUES ('ann', 'select', 'trades')`)).toBe(may ? 'may' : DENIED);
  });

  it.each(['db_user', 'client_addr', 'backend_pid', 'id'])('may not forge its %s', async column => {
    expect(await asRole(role, `${AUDIT}, ${column}) VALUES ('ann', 'select', 'trades', NULL)`)).toBe(DENIED);
  });
});

const MAY = 'may';
it.each([
  ['tradetop_operator', MAY, "SELECT shared.create_monthly_partition('market_data', '2031-05-01')"],
  ['tradetop_operator', MAY, 'SELECT * FROM shared.ensure_partitions_ahead(12)'],
  ['tradetop_operator', MAY, 'SELECT * FROM shared.detach_old_partitions(3650)'],
  ['svc_data_ingestion', MAY, 'SELECT * FROM shared.ensure_partitions_ahead(12)'],
  ['tradetop_monitor', DENIED, 'SELECT * FROM shared.ensure_partitions_ahead(12)'],
  ['svc_execution', DENIED, 'SELECT * FROM shared.ensure_partitions_ahead(12)'],
  ['trading_app', DENIED, 'SELECT * FROM shared.detach_old_partitions(1)'],
  ['tradetop_operator', MAY, 'UPDATE risk_management.risk_limits SET limit_value = 2000, version = version + 1'],
  ['tradetop_operator', DENIED, 'UPDATE risk_management.risk_limits SET account_id = NULL'],
  ['tradetop_operator', MAY, "UPDATE strategy_engine.strategies SET status = 'stopped', version = version + 1"],
  ['tradetop_operator', DENIED, "UPDATE strategy_engine.strategies SET parameters = '{}'"],
  ['tradetop_operator', MAY, 'SELECT pg_reload_conf()'],
  ['tradetop_monitor', DENIED, 'SELECT pg_reload_conf()'],
  ['tradetop_operator', MAY, 'UPDATE risk_management.position_limits SET max_value = 2000, version = version + 1'],
  ['tradetop_operator', DENIED, 'UPDATE risk_management.position_limits SET breached_at = NULL'],
  ['tradetop_sync', DENIED, 'UPDATE risk_management.position_limits SET max_value = 2000'],
  ['tradetop_sync', DENIED, "UPDATE risk_management.risk_events SET message = ''"],
  ['tradetop_operator', MAY, "UPDATE risk_management.risk_events SET acknowledged_at = now(), acknowledged_by = 'ann'"],
  ['tradetop_operator', DENIED, "UPDATE risk_management.risk_events SET message = ''"],
  ['tradetop_operator', MAY, "UPDATE shared.system_config SET value = 'false', version = version + 1"],
  ['tradetop_operator', MAY, "INSERT INTO shared.system_config (key, value) VALUES ('new', '1')"],
  ['tradetop_operator', DENIED, 'DELETE FROM shared.system_config'],
  ['tradetop_monitor', DENIED, "UPDATE shared.system_config SET value = 'false'"],
  ['tradetop_sync', MAY, 'UPDATE execution.positions SET market_value = 1, unrealized_pnl = 0, last_price = 1'],
  ['tradetop_sync', DENIED, 'UPDATE execution.positions SET quantity = 0'],
  ['tradetop_sync', DENIED, 'UPDATE execution.positions SET realized_pnl = 0'],
  ['tradetop_monitor', MAY, 'SELECT name, channel, secret_key_id FROM notification.notification_configs'],
  ['tradetop_monitor', DENIED, 'SELECT secret FROM notification.notification_configs'],
  ['tradetop_operator', DENIED, 'SELECT secret FROM notification.notification_configs'],
  ['tradetop_monitor', DENIED, 'SELECT * FROM notification.notification_configs'],
  ['tradetop_monitor', MAY, 'SELECT last_value FROM execution.trades_id_seq'],
  ['tradetop_monitor', DENIED, "SELECT nextval('execution.trades_id_seq')"],
  ['tradetop_monitor', DENIED, 'SELECT rolpassword FROM pg_authid'],
  ['tradetop_operator', DENIED, 'SELECT rolpassword FROM pg_authid'],
  ['tradetop_monitor', MAY, 'SELECT setting FROM pg_settings WHERE name = $$data_directory$$'],
  ['svc_execution', MAY, "INSERT INTO logging.system_logs (service, message) VALUES ('execution', 'x')"],
  [
    'svc_execution',
    DENIED,
    "INSERT INTO logging.system_logs (service, message) VALUES ('execution', 'x') RETURNING id",
  ],
  [
    'svc_execution',
    MAY,
    "INSERT INTO orders (order_id, account_id, symbol, side, order_type, quantity) VALUES ('o', 'A', 'X', 'buy', 'market', 1)",
  ],
  ['tradetop_operator', DENIED, 'ALTER TABLE shared.audit_log DISABLE TRIGGER ALL'],
  ['svc_logging', DENIED, 'DROP TABLE logging.system_logs'],
] as const)('%s: %s — %s', async (role, outcome, statement) => {
  // A role's own settings apply at its login only; services rely on its search path.
  const path = statement.includes('INTO orders') ? ['SET LOCAL search_path = execution, shared, public'] : [];
  expect(await asRole(role, ...path, statement)).toBe(outcome);
});

describe('fills are append-only', () => {
  beforeAll(async () => {
    await client.query(`INSERT INTO execution.orders (order_id, account_id, symbol, side, order_type, quantity)
        VALUES ('fill', 'A', 'AAPL', 'buy', 'market', 10);
      INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price, executed_at)
        VALUES ('fill', 'fill', 'A', 'AAPL', 10, 5, now())`);
  });

  // Row-level security hides the row from the application unless it names the account.
  const ACCOUNT = "SELECT set_config('app.current_account_id', 'A', true)";
  const CHANGES = [
    "UPDATE execution.trades SET price = 1 WHERE trade_id = 'fill'",
    "UPDATE execution.trades SET strategy = strategy WHERE trade_id = 'fill'",
    "DELETE FROM execution.trades WHERE trade_id = 'fill'",
    'TRUNCATE execution.trades',
    "SELECT FROM execution.trades WHERE trade_id = 'fill' FOR UPDATE",
    "SELECT FROM execution.trades WHERE trade_id = 'fill' FOR KEY SHARE",
    `INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
       VALUES ('fill', 'A', 'AAPL', 1, 1, now()) ON CONFLICT (trade_id) DO UPDATE SET price = 1`,
    `MERGE INTO execution.trades AS t USING (SELECT 'fill' AS id) AS s ON t.trade_id = s.id
       WHEN MATCHED THEN UPDATE SET price = 1`,
    'CREATE TRIGGER mine BEFORE INSERT ON execution.trades EXECUTE FUNCTION shared.refuse_change()',
    'CREATE RULE mine AS ON INSERT TO execution.trades DO INSTEAD NOTHING',
  ];
  it.each([...SERVICES, 'trading_app', 'tradetop_monitor'])('%s changes none and deletes none', async role => {
    for (const change of CHANGES) expect([change, await asRole(role, ACCOUNT, change)]).toEqual([change, DENIED]);
  });

  it.each(['svc_execution', 'trading_app'])('%s enters them, also once again', async role => {
    const insert = `INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, executed_at)
      VALUES ('fill', 'A', 'AAPL', 1, 1, now()), ('new', 'A', 'AAPL', 1, 1, now()) ON CONFLICT (trade_id) DO NOTHING`;
    expect(await asRole(role, ACCOUNT, insert)).toBe(MAY);
  });

  it('a service changes none through the order either', async () => {
    for (const change of [
      "DELETE FROM execution.orders WHERE order_id = 'fill'",
      "UPDATE execution.orders SET order_id = 'other' WHERE order_id = 'fill'",
    ]) {
      expect(await asRole('svc_execution', change)).toBe('23503');
    }
  });

  it('the operator corrects and busts them, but moves none to another account, symbol or order, nor enters any', async () => {
    for (const change of CHANGES.slice(0, 3)) expect(await asRole('tradetop_operator', change)).toBe(MAY);
    await client.query('BEGIN; SET LOCAL ROLE tradetop_operator');
    const {rowCount} = await client.query(CHANGES[0] as string);
    await client.query('ROLLBACK');
    expect(rowCount).toBe(1);
    for (const column of ['account_id', 'symbol', 'order_id', 'trade_id', 'created_at']) {
      const change = `UPDATE execution.trades SET ${column} = ${column} WHERE trade_id = 'fill'`;
      expect([column, await asRole('tradetop_operator', change)]).toEqual([column, DENIED]);
    }
    expect(await asRole('tradetop_operator', 'INSERT INTO execution.trades DEFAULT VALUES')).toBe(DENIED);
    expect(await asRole('tradetop_operator', 'TRUNCATE execution.trades')).toBe(DENIED);
  });

  it('what an older release or somebody granted is taken back by the set-up, from columns too', async () => {
    const own = await cloneDesk();
    const grants = `GRANT UPDATE, DELETE, TRUNCATE ON execution.trades TO svc_execution, trading_app, tradetop_services;
      GRANT UPDATE (price) ON execution.trades TO tradetop_sync, PUBLIC; GRANT INSERT ON execution.trades TO tradetop_operator`;
    const held = `SELECT relacl::text, ARRAY(SELECT attacl::text FROM pg_attribute WHERE attrelid = c.oid) AS columns
      FROM pg_class AS c WHERE oid = 'execution.trades'::regclass`;
    const admin = new pg.Client(own.config);
    await admin.connect();
    try {
      const before = (await admin.query(held)).rows;
      await admin.query(grants);
      const set = {trading: targetOf(own), prefect: {database: 'prefect', owner: 'prefect'}, sql: loadSql()};
      await setUp({...set, only: ['databases', 'roles', 'tables', 'indexes']});
      const after = (await admin.query(held)).rows;
      const sorted = (rows: readonly unknown[]) =>
        JSON.stringify(rows)
          .split(/[{},]+/)
          .toSorted();
      expect(sorted(after)).toEqual(sorted(before));
    } finally {
      await admin.end();
      await own.drop();
    }
  });
});

describe('with a login of its own', () => {
  const login = (role: string) => loginAs(role, db);

  it('the operator vacuums and analyses every table, also the months of market data', async ({skip}) => {
    if (old) skip();
    const operator = await login('tradetop_operator');
    try {
      const notices: string[] = [];
      operator.on('notice', notice => notices.push(String(notice.message)));
      for (const table of [
        'execution.trades',
        'data_ingestion.market_data',
        'logging.system_logs',
        'shared.audit_log',
      ]) {
        await operator.query(`VACUUM (ANALYZE) ${table}`);
      }
      expect(notices).toEqual([]);
      await waitFor('the statistics to tell of the VACUUM', async () => {
        const {rows} = await client.query(`SELECT count(*)::int AS n FROM pg_stat_user_tables
          WHERE vacuum_count > 0 AND relname ~ '^(trades|market_data_20|system_logs|audit_log)'`);
        return rows[0].n === 11;
      });
    } finally {
      await operator.end();
    }
  });

  it('the operator vacuums a month that is created later, too', async ({skip}) => {
    if (old) skip();
    const operator = await login('tradetop_operator');
    try {
      const notices: string[] = [];
      operator.on('notice', notice => notices.push(String(notice.message)));
      await operator.query("SELECT shared.create_monthly_partition('market_data', '2031-07-01')");
      await operator.query('VACUUM (ANALYZE) data_ingestion.market_data_2031_07');
      expect(notices).toEqual([]);
    } finally {
      await operator.end();
    }
  });

  it('the monitor may not vacuum: the server skips the table with a warning', async () => {
    const monitor = await login('tradetop_monitor');
    try {
      const notices: string[] = [];
      monitor.on('notice', notice => notices.push(String(notice.message)));
      await monitor.query('VACUUM execution.trades');
      expect(notices.join()).toMatch(/permission denied to vacuum "trades"|only table or database owner can vacuum/);
    } finally {
      await monitor.end();
    }
  });

  it('the monitor’s transactions are read-only, and the statistics that it sees are complete', async () => {
    const monitor = await login('tradetop_monitor');
    try {
      expect((await monitor.query('SHOW default_transaction_read_only')).rows[0].default_transaction_read_only).toBe(
        'on',
      );
      const {rows} = await monitor.query('SELECT query FROM pg_stat_activity WHERE pid = $1', [
        (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid,
      ]);
      expect(rows[0].query).toMatch(/pg_backend_pid/);
    } finally {
      await monitor.end();
    }
  });

  it('the operator cancels a service’s query, not a superuser’s; the monitor cancels none', async () => {
    const [operator, monitor, service] = [
      await login('tradetop_operator'),
      await login('tradetop_monitor'),
      await login('svc_execution'),
    ];
    try {
      const pidOf = async (c: pg.Client) => (await c.query('SELECT pg_backend_pid() AS pid')).rows[0].pid as number;
      const [superuser, pid] = [await pidOf(client), await pidOf(service)];
      const cancel = (c: pg.Client, target: number) =>
        c.query('SELECT pg_cancel_backend($1)', [target]).then(
          () => MAY,
          (error: {code?: string}) => error.code,
        );
      const sleeping = service.query('SELECT pg_sleep(60)').catch((error: {code?: string}) => error.code);
      expect(await cancel(monitor, pid)).toBe(DENIED);
      expect(await cancel(operator, superuser)).toBe(DENIED);
      await waitFor('the service’s query to run', async () => {
        const {rows} = await operator.query('SELECT state FROM pg_stat_activity WHERE pid = $1', [pid]);
        return rows[0]?.state === 'active';
      });
      expect(await cancel(operator, pid)).toBe(MAY);
      expect(await sleeping).toBe('57014');
    } finally {
      for (const c of [operator, monitor, service]) await c.end();
    }
  });

  it('a service finds the tables of every schema without the schema’s name, its own first', async () => {
    const service = await login('svc_analytics');
    try {
      await service.query('SELECT count(*) FROM portfolio_summary, trades, market_data, data_quality_logs');
      expect((await service.query('SELECT current_schema() AS own')).rows[0].own).toBe('analytics');
    } finally {
      await service.end();
    }
  });
});
