import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import {type Bench, makeBench, newServer, oldServer, within} from '../../helpers/desk/acting.ts';

const DATABASE = {kind: 'database'} as const;

describe.each([newServer, ...oldServer])('what is done to a server, on %s', (_name, start) => {
  let bench: Bench;
  let operator: string;
  let gate: Gate;
  let admin: Gate;

  beforeAll(async () => {
    bench = await makeBench(await start());
    operator = await bench.role(['tradetop_operator']);
    gate = bench.gate(operator);
    admin = bench.gate('postgres');
  });
  afterAll(() => bench.close());

  const facts = (plan: Awaited<ReturnType<Gate['plan']>>) =>
    Object.fromEntries(plan.facts.map(f => [f.label, f.value]));
  const one = async (sql: string, params: unknown[] = []) => (await bench.admin.query(sql, params)).rows[0];

  it('drops a slot that nobody reads, by its name and with the right to', async () => {
    const name = `left_${bench.database}`;
    const slot = {kind: 'slot', name} as const;
    await bench.admin.query('SELECT pg_create_physical_replication_slot($1, true)', [name]);
    expect((await gate.plan('drop-slot', slot)).refusal).toBe(
      `This role may not drop replication slots. Run ALTER ROLE ${operator} REPLICATION;`,
    );
    const plan = await admin.plan('drop-slot', slot);
    expect(plan).toMatchObject({typed: true, targetName: name, sql: [`SELECT pg_drop_replication_slot('${name}')`]});
    expect(facts(plan)).toMatchObject({kind: 'physical', 'holds back': 'no row versions'});
    expect(await admin.run(plan)).toMatchObject({outcome: 'done', summary: `Replication slot ${name} is dropped.`});
    expect(await one('SELECT FROM pg_replication_slots WHERE slot_name = $1', [name])).toBeUndefined();
    // Gone between plan and run, and not there at all.
    expect(await admin.run(plan)).toMatchObject({refused: true});
    expect((await admin.plan('drop-slot', slot)).refusal).toBe(`There is no replication slot ${name}.`);
  });

  it('has the settings read again, and says whom that needs', async () => {
    const other = await bench.role(['tradetop_monitor', 'pg_monitor']);
    expect((await bench.gate(other).plan('reload-settings', DATABASE)).refusal).toBe(
      `This role may not reload the settings. Run GRANT EXECUTE ON FUNCTION pg_reload_conf() TO ${other};`,
    );
    const {at} = await one('SELECT pg_conf_load_time()::text AS at');
    expect(await gate.run(await gate.plan('reload-settings', DATABASE))).toMatchObject({outcome: 'done'});
    expect((await one('SELECT pg_conf_load_time()::text AS at')).at).not.toBe(at);
  });

  it('resets the statistics of statements, where they are kept', async () => {
    const preloaded = (await one('SHOW shared_preload_libraries')).shared_preload_libraries.includes(
      'pg_stat_statements',
    );
    const installed = await one("SELECT FROM pg_extension WHERE extname = 'pg_stat_statements'");
    if (!preloaded || installed === undefined) {
      const {refusal} = await admin.plan('reset-statements', DATABASE);
      expect(refusal).toMatch(/^pg_stat_statements is not installed|must be loaded/);
      return;
    }
    const other = await bench.role(['tradetop_monitor', 'pg_monitor']);
    expect((await bench.gate(other).plan('reset-statements', DATABASE)).refusal).toMatch(
      /^This role may not reset the statistics\. Run GRANT EXECUTE ON FUNCTION \w+\.pg_stat_statements_reset\(.+\) TO/,
    );
    expect(await gate.run(await gate.plan('reset-statements', DATABASE))).toMatchObject({outcome: 'done'});
  });

  /** A table of the owner with two indexes, one of which a failed attempt has left. */
  async function indexed(name: string, partitioned = false): Promise<void> {
    const by = partitioned ? 'PARTITION BY RANGE (id)' : '';
    await bench.admin.query(`CREATE TABLE logging.${name} (id int NOT NULL, at timestamptz DEFAULT now()) ${by}`);
    if (partitioned)
      await bench.admin.query(
        `CREATE TABLE logging.${name}_1 PARTITION OF logging.${name} FOR VALUES FROM (0) TO (9999)`,
      );
    await bench.admin.query(`CREATE INDEX ${name}_id ON logging.${name} (id)`);
    await bench.admin.query(`INSERT INTO logging.${name} SELECT generate_series(1, 1000)`);
    for (const table of partitioned ? [name, `${name}_1`] : [name]) {
      await bench.admin.query(`ALTER TABLE logging.${table} OWNER TO tradetop_owner`);
      if (await one("SELECT FROM pg_roles WHERE rolname = 'pg_maintain'"))
        await bench.admin.query(`GRANT MAINTAIN ON logging.${table} TO tradetop_operator`);
    }
  }
  const leaveCopy = async (table: string, name: string): Promise<void> => {
    await bench.admin.query(`CREATE INDEX ${name} ON logging.${table} (id)`);
    await bench.admin.query('UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass($1)', [
      `logging.${name}`,
    ]);
  };
  const indexes = async (table: string) =>
    (
      await bench.admin.query(
        'SELECT indexrelid::regclass::text AS name, indexrelid::oid::int AS oid, indisvalid AS valid FROM pg_index WHERE indrelid = to_regclass($1) ORDER BY 1',
        [`logging.${table}`],
      )
    ).rows;

  it('builds indexes anew, and drops what a failed attempt left, as the operator', async () => {
    await indexed('busy');
    await leaveCopy('busy', 'busy_id_ccnew');
    const [before] = await indexes('busy');
    const table = {kind: 'table', schema: 'logging', name: 'busy'} as const;
    const plan = await gate.plan('reindex', table);
    expect(facts(plan)).toMatchObject({
      'left over, to drop': 'logging.busy_id_ccnew',
      desk: '0 open positions, no trades; market.sessions is not set',
    });
    expect(plan.sql.at(-1)).toBe('REINDEX INDEX CONCURRENTLY "logging"."busy_id"');
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'done',
      summary: expect.stringMatching(/^2 of 2 indexes done/),
    });
    const after = await indexes('busy');
    expect(after).toMatchObject([{name: 'logging.busy_id', valid: true}]);
    expect(after[0].oid).not.toBe(before.oid);
    // One index, by its name, as a command finds it.
    expect(await gate.find('logging.busy_id', 'reindex')).toEqual({kind: 'index', schema: 'logging', name: 'busy_id'});
    const none = {kind: 'index', schema: 'logging', name: 'nothing'} as const;
    expect((await gate.plan('reindex', none)).refusal).toBe('There is no index logging.nothing.');
  });

  it('builds the indexes of partitions, and drops nothing else by the function that lends the right to', async () => {
    await indexed('parted', true);
    const plan = await gate.plan('reindex', {kind: 'index', schema: 'logging', name: 'parted_id'});
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'done',
      summary: expect.stringMatching(/^logging\.parted_1_id_idx built/),
    });
    const asOperator = async (sql: string) => {
      await bench.admin.query('SET ROLE tradetop_operator');
      const code = await bench.admin.query(sql).then(
        () => 'done',
        (error: {code: string}) => error.code,
      );
      await bench.admin.query('RESET ROLE');
      return code;
    };
    expect(await asOperator("SELECT shared.drop_leftover_index('logging.busy_id')")).toBe('42809');
    expect(await asOperator("SELECT shared.drop_leftover_index('logging.nothing')")).toBe('42P01');
    const monitor = await bench.role(['tradetop_monitor', 'pg_monitor']);
    const table = {kind: 'table', schema: 'logging', name: 'busy'} as const;
    expect((await bench.gate(monitor).plan('reindex', table)).refusal).toMatch(
      /^This role may not reindex logging\.busy_id: /,
    );
  });

  it('leaves no copy behind when it is cancelled while it waits for an older transaction', async () => {
    const other = await bench.session();
    await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    const abort = new AbortController();
    const plan = await gate.plan('reindex', {kind: 'table', schema: 'logging', name: 'busy'});
    const phases: string[] = [];
    const running = gate.run(plan, {
      signal: abort.signal,
      onProgress: ({phase}) => {
        phases.push(phase);
        if (/waiting/.test(phase)) abort.abort();
      },
    });
    expect(await within(running, bench.admin)).toMatchObject({
      outcome: 'cancelled',
      summary: expect.stringMatching(/^logging\.busy_id cancelled; busy_id_ccnew that it left is dropped\.$/),
    });
    await other.query('ROLLBACK');
    expect(await indexes('busy')).toMatchObject([{name: 'logging.busy_id', valid: true}]);
  });

  it('closes a run whose console died, once, with what is found on the server', async () => {
    const run = `00000000-0000-4000-8000-${bench.database.slice(-12)}`;
    await bench.admin.query('ALTER TABLE shared.audit_log DISABLE TRIGGER audit_log_stamp');
    await bench.admin.query(
      `INSERT INTO shared.audit_log (timestamp, user_id, operation, table_name, target, result, correlation_id, db_user, backend_pid)
       VALUES (now() - interval '1 minute', 'carol', 'reindex', 'logging.busy', 'logging.busy', 'started', $1, $2, 999999)`,
      [run, operator],
    );
    await bench.admin.query('ALTER TABLE shared.audit_log ENABLE TRIGGER audit_log_stamp');
    expect(await bench.gate(operator, {readOnly: () => true}).closeLost()).toBe(0);
    expect(await Promise.all([gate.closeLost(), gate.closeLost()])).toContain(1);
    expect(await gate.closeLost()).toBe(0);
    const {rows} = await bench.admin.query(
      "SELECT result, detail FROM shared.audit_log WHERE correlation_id = $1 AND result <> 'started'",
      [run],
    );
    expect(rows).toMatchObject([
      {result: 'lost', detail: {started_by: 'carol', summary: expect.stringContaining('Found: no copy is left over.')}},
    ]);
    const again = await gate.plan('reindex', {kind: 'table', schema: 'logging', name: 'busy'});
    expect(facts(again)['last run']).toMatch(/: (its console died|cancelled|done)/);
  });

  it('says that all connections are taken', async () => {
    const crowded = await bench.role(['tradetop_operator']);
    await bench.admin.query(`ALTER ROLE ${crowded} CONNECTION LIMIT 0`);
    expect((await bench.gate(crowded).plan('analyze', DATABASE)).refusal).toMatch(
      /has no connection left for user r_\w+: .*All connections are taken: end sessions\. From PostgreSQL 16 on reserved_connections/,
    );
  });

  it('freezes a table', async () => {
    await bench.admin.query('CREATE TABLE logging.old_rows (id int) WITH (autovacuum_enabled = false)');
    await bench.admin.query('ALTER TABLE logging.old_rows OWNER TO tradetop_owner');
    if (await one("SELECT FROM pg_roles WHERE rolname = 'pg_maintain'")) {
      await bench.admin.query('GRANT MAINTAIN ON logging.old_rows TO tradetop_operator');
    }
    await bench.admin.query('INSERT INTO logging.old_rows SELECT generate_series(1, 100)');
    await bench.admin.query('SELECT pg_current_xact_id()');
    const table = {kind: 'table', schema: 'logging', name: 'old_rows'} as const;
    const age = "SELECT age(relfrozenxid) AS age FROM pg_class WHERE oid = 'logging.old_rows'::regclass";
    const before = (await one(age)).age;
    const plan = await gate.plan('vacuum-freeze', table);
    expect(plan.sql.join('; ')).toContain('VACUUM (FREEZE, VERBOSE, TRUNCATE FALSE) "logging"."old_rows"');
    expect(await gate.run(plan)).toMatchObject({outcome: 'done'});
    expect((await one(age)).age).toBeLessThan(before);
  });
});
