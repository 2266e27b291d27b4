import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import {type Bench, makeBench, newServer, oldServer} from '../../helpers/desk/acting.ts';

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
    expect((await gate.plan('reload-settings', DATABASE)).refusal).toBe(
      `This role may not reload the settings. Run GRANT EXECUTE ON FUNCTION pg_reload_conf() TO ${operator};`,
    );
    await bench.admin.query(`GRANT EXECUTE ON FUNCTION pg_reload_conf() TO ${operator}`);
    const {at} = await one('SELECT pg_conf_load_time()::text AS at');
    expect(await gate.run(await gate.plan('reload-settings', DATABASE))).toMatchObject({outcome: 'done'});
    expect((await one('SELECT pg_conf_load_time()::text AS at')).at).not.toBe(at);
    await bench.admin.query(`REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM ${operator}`);
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
    expect((await gate.plan('reset-statements', DATABASE)).refusal).toMatch(
      /^This role may not reset the statistics\. Run GRANT EXECUTE ON FUNCTION \w+\.pg_stat_statements_reset\(.+\) TO/,
    );
    expect(await admin.run(await admin.plan('reset-statements', DATABASE))).toMatchObject({outcome: 'done'});
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
