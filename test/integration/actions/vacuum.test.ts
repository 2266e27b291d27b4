import pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import type {Outcome, Progress} from '../../../src/actions/plan.ts';
import type {Target} from '../../../src/actions/target.ts';
import {examinePostgres} from '../../../src/doctor/postgres.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {type Bench, makeBench, newServer, oldServer, within} from '../../helpers/desk/acting.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const table = (schema: string, name: string): Target => ({kind: 'table', schema, name});

describe.each([newServer, ...oldServer])('VACUUM ANALYZE on %s', (_name, start) => {
  let bench: Bench;
  let operator: string;
  /** Throttled: a page takes about a tenth of a second. */
  let slow: string;
  let gate: Gate;
  let old: boolean;

  beforeAll(async () => {
    bench = await makeBench(await start());
    operator = await bench.role(['tradetop_operator']);
    slow = await bench.role(['tradetop_operator'], {vacuum_cost_delay: '100ms', vacuum_cost_limit: '1'});
    gate = bench.gate(operator);
    old = Number((await bench.admin.query('SHOW server_version_num')).rows[0].server_version_num) < 170_000;
  });
  afterAll(() => bench.close());

  /** A table of the desk's owner with `rows` rows of about `width` bytes, of which the first `dead` are deleted. */
  async function makeTable(
    name: string,
    {rows = 5000, dead = 0, width = 10, schema = 'logging'} = {},
  ): Promise<Target> {
    const id = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
    await bench.admin.query(`CREATE TABLE ${id} (id int, filler text) WITH (autovacuum_enabled = false)`);
    await bench.admin.query(`ALTER TABLE ${id} OWNER TO tradetop_owner`);
    if (!old) await bench.admin.query(`GRANT MAINTAIN ON ${id} TO tradetop_operator`);
    await bench.admin.query(`INSERT INTO ${id} SELECT g, repeat('x', ${width}) FROM generate_series(1, ${rows}) AS g`);
    await bench.admin.query(`DELETE FROM ${id} WHERE id <= ${dead}`);
    await waitFor('the counters of the delete', async () => {
      const {rows: seen} = await bench.admin.query(
        `SELECT pg_stat_get_dead_tuples('${id.replaceAll("'", "''")}'::regclass) AS n`,
      );
      return Number(seen[0].n) >= dead;
    });
    return table(schema, name);
  }

  const vacuums = async (target: Target): Promise<number> => {
    if (target.kind !== 'table') return 0;
    const {rows} = await bench.admin.query(
      'SELECT vacuum_count FROM pg_stat_all_tables WHERE schemaname = $1 AND relname = $2',
      [target.schema, target.name],
    );
    return Number(rows[0].vacuum_count);
  };

  const audit = async (outcome: Outcome) => {
    const {rows} = await bench.admin.query(
      `SELECT a.operation, a.table_name, a.statement, a.rows, a.result, a.db_user, a.os_user, a.client, a.duration_ms
       FROM shared.audit_log AS a
       WHERE a.correlation_id = (SELECT correlation_id FROM shared.audit_log WHERE id = $1) ORDER BY a.id`,
      [outcome.auditId],
    );
    return rows;
  };

  async function act(target: Target, through = gate, options: Parameters<Gate['run']>[1] = {}): Promise<Outcome> {
    const plan = await through.plan('vacuum-analyze', target);
    expect(plan.refusal).toBeUndefined();
    return through.run(plan, options);
  }

  it('removes the dead rows, reports how many, and records start and end', async () => {
    const target = await makeTable('done_here', {dead: 2000});
    const plan = await gate.plan('vacuum-analyze', target);
    expect(plan.targetName).toBe('logging.done_here');
    expect(plan.sql).toContain('VACUUM (ANALYZE, VERBOSE, TRUNCATE FALSE) "logging"."done_here"');
    expect(Object.fromEntries(plan.facts.map(f => [f.label, f.value]))).toMatchObject({
      'dead rows': '2,000 of 5,000 (40.0%)',
      'last vacuum': 'never',
      lock: 'ShareUpdateExclusive: reads and writes continue',
      'blocked by': 'nobody',
      desk: '0 open positions, no trades; market.sessions is not set',
    });
    const steps: Progress[] = [];
    const outcome = await gate.run(plan, {onProgress: p => steps.push(p)});
    expect(outcome).toMatchObject({
      outcome: 'done',
      summary: 'logging.done_here: 2,000 of 2,000 dead rows removed, statistics updated.',
      rows: 2000,
      sql: plan.sql,
    });
    expect(outcome.notices.length).toBeGreaterThan(0);
    expect(steps[0]).toMatchObject({step: 1, steps: 1, current: 'logging.done_here'});
    expect(await vacuums(target)).toBe(1);
    expect(await audit(outcome)).toMatchObject([
      {operation: 'vacuum-analyze', table_name: 'logging.done_here', result: 'started', db_user: operator, rows: null},
      {result: 'done', db_user: operator, rows: '2000', statement: plan.sql.join('; ')},
    ]);
    const again = await gate.plan('vacuum-analyze', target);
    expect(again.facts.find(f => f.label === 'last run')?.value).toMatch(/ago by .+: done, took /);
  });

  it('refuses a role without the right, and names the right', async () => {
    const target = await makeTable('not_yours');
    const stranger = bench.gate(await bench.role(['tradetop_monitor']));
    const plan = await stranger.plan('vacuum-analyze', target);
    expect(plan.refusal).toBe(
      old
        ? 'This role may not vacuum logging.not_yours: only its owner tradetop_owner may. ' +
            'Below PostgreSQL 17 only an owner may. ' +
            'To let tradetop_operator become it: tradetop setup --operator-may-vacuum'
        : 'This role may not vacuum logging.not_yours: no MAINTAIN privilege. ' +
            'Run GRANT MAINTAIN ON logging.not_yours TO …;',
    );
    expect(await stranger.run(plan)).toMatchObject({outcome: 'failed', refused: true, auditId: undefined});
    expect(await vacuums(target)).toBe(0);
  });

  it('ends skipped when the right is revoked after the start, although the server answers VACUUM', async () => {
    const target = await makeTable('lost_right', {dead: 100});
    const other = await bench.session();
    await other.query('BEGIN');
    await other.query('LOCK TABLE logging.lost_right IN ACCESS EXCLUSIVE MODE');
    await other.query(
      old
        ? 'ALTER TABLE logging.lost_right OWNER TO postgres'
        : 'REVOKE MAINTAIN ON logging.lost_right FROM tradetop_operator',
    );
    const running = act(target, bench.gate(operator, {lockMs: 20_000}));
    await waitFor('VACUUM to wait for the lock', async () => {
      const {rows} = await bench.admin.query(
        `SELECT FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock' AND query LIKE '%VACUUM%'`,
        [operator],
      );
      return rows.length === 1;
    });
    await other.query('COMMIT');
    const outcome = await running;
    expect(outcome.outcome).toBe('skipped');
    expect(outcome.summary).toBe(
      old
        ? 'logging.lost_right was skipped: skipping "lost_right" --- only table or database owner can vacuum it.'
        : 'logging.lost_right was skipped: permission denied to vacuum "lost_right", skipping it.',
    );
    expect(await vacuums(target)).toBe(0);
    expect(await audit(outcome)).toMatchObject([{result: 'started'}, {result: 'skipped'}]);
  });

  it('ends skipped at a lock timeout, and reports who held the lock', async () => {
    const target = await makeTable('locked');
    const other = await bench.session();
    await other.query(`SET application_name = 'a long report'`);
    await other.query('BEGIN');
    await other.query('LOCK TABLE logging.locked IN SHARE MODE');
    const {rows} = await other.query('SELECT pg_backend_pid() AS pid');
    const plan = await gate.plan('vacuum-analyze', target);
    expect(plan.facts.find(f => f.label === 'blocked by')).toMatchObject({warn: true});
    expect(plan.facts.find(f => f.label === 'blocked by')?.value).toContain(
      `pid ${rows[0].pid} (postgres, a long report)`,
    );
    const seen: Progress[] = [];
    const outcome = await bench.gate(operator, {lockMs: 1200}).run(plan, {onProgress: p => seen.push(p)});
    await other.query('ROLLBACK');
    expect(outcome.outcome).toBe('skipped');
    expect(outcome.summary).toContain(
      'logging.locked was skipped: could not get the lock within 1.2 s: ' +
        `held by pid ${rows[0].pid} (postgres, a long report) for `,
    );
    expect(seen.find(p => p.blockers.length > 0)).toMatchObject({phase: 'waiting for a lock'});
    expect(await vacuums(target)).toBe(0);
  });

  it('cancels on the server, and reports it', async () => {
    const target = await makeTable('cancelled', {rows: 20_000, dead: 5000, width: 100});
    const abort = new AbortController();
    const seen: Progress[] = [];
    const outcome = await act(target, bench.gate(slow), {
      signal: abort.signal,
      onProgress: p => {
        seen.push(p);
        if (p.phase === 'scanning heap' && (p.percent ?? 0) > 0) abort.abort();
      },
    });
    expect(outcome).toMatchObject({outcome: 'cancelled', summary: 'logging.cancelled was cancelled.'});
    expect(seen.some(p => p.percent !== undefined && p.percent < 100)).toBe(true);
    expect(await vacuums(target)).toBe(0);
    const {rows} = await bench.admin.query(`SELECT FROM pg_stat_activity WHERE usename = $1 AND state = 'active'`, [
      slow,
    ]);
    expect(rows).toEqual([]);
    expect(await audit(outcome)).toMatchObject([{result: 'started'}, {result: 'cancelled'}]);
  });

  it('distinguishes a cancel or a termination by another session from its own cancel', async () => {
    const target = await makeTable('disturbed', {rows: 20_000, dead: 5000, width: 100});
    const by = async (what: string): Promise<Outcome> => {
      const running = act(target, bench.gate(slow));
      await waitFor('VACUUM to run', async () => {
        const {rows} = await bench.admin.query(
          `SELECT ${what}(pid) FROM pg_stat_progress_vacuum JOIN pg_stat_activity USING (pid) WHERE usename = $1`,
          [slow],
        );
        return rows.length > 0;
      });
      return within(running, bench.admin);
    };
    expect(await by('pg_cancel_backend')).toMatchObject({
      outcome: 'cancelled',
      summary: 'logging.disturbed was cancelled: another session cancelled it on the server.',
    });
    const killed = await by('pg_terminate_backend');
    expect(killed).toMatchObject({
      outcome: 'failed',
      summary:
        'logging.disturbed: the connection broke (terminating connection due to administrator command); ' +
        'it ended without effect.',
    });
    expect(await audit(killed)).toMatchObject([{result: 'started'}, {result: 'failed'}]);
  });

  it('is not done when an old snapshot keeps the dead rows', async () => {
    const other = await bench.session();
    await other.query(`SET application_name = 'month end'`);
    const target = await makeTable('held', {rows: 6000});
    await other.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const {rows} = await other.query('SELECT pg_backend_pid() AS pid, count(*) FROM logging.held');
    await bench.admin.query('DELETE FROM logging.held WHERE id <= 5000');
    await waitFor('the counters of the delete', async () => {
      const dead = await bench.admin.query(`SELECT pg_stat_get_dead_tuples('logging.held'::regclass) AS n`);
      return Number(dead.rows[0].n) === 5000;
    });
    const plan = await gate.plan('vacuum-analyze', target);
    expect(plan.facts.find(f => f.label === 'oldest snapshot')?.value).toContain(`pid ${rows[0].pid}`);
    const outcome = await gate.run(plan);
    await other.query('ROLLBACK');
    expect(outcome.outcome).toBe('partial');
    expect(outcome.rows).toBe(0);
    expect(outcome.summary).toContain(
      'logging.held: statistics updated, 0 of 5,000 dead rows removed: ' +
        `held by pid ${rows[0].pid} (postgres, month end, idle in transaction)`,
    );
    expect(await act(target)).toMatchObject({outcome: 'done', rows: 5000});
  });

  it('is refused while another operator runs it, whose name is reported', async () => {
    const target = await makeTable('wanted_by_two', {rows: 20_000, dead: 5000, width: 100});
    const abort = new AbortController();
    const first = bench.gate(slow, {operator: {osUser: 'alice' as never, client: 'ssh 10.1.2.3 to desk1' as never}});
    const plan = await gate.plan('vacuum-analyze', target);
    const running = act(target, first, {signal: abort.signal});
    const waiting = await waitFor('the first to run', async () => {
      const p = await gate.plan('vacuum-analyze', target);
      return p.refusal?.includes('alice') && p.refusal;
    });
    expect(waiting).toMatch(
      /^The same action is already running on this target: started by alice \(r_\w+\) from ssh 10\.1\.2\.3 to desk1 since [\d:]+Z, .+ ago, as pid \d+\.$/,
    );
    const second = await gate.run(plan);
    expect(second).toMatchObject({outcome: 'failed', refused: true, auditId: undefined});
    expect(second.summary).toContain('already running on this target: started by alice');
    abort.abort();
    expect((await within(running, bench.admin)).outcome).toBe('cancelled');
    expect(await act(target)).toMatchObject({outcome: 'done'});
  });

  it('is refused in read-only, until actions are allowed', async () => {
    const target = await makeTable('kept');
    let readOnly = true;
    const careful = bench.gate(operator, {readOnly: () => readOnly});
    const plan = await careful.plan('vacuum-analyze', target);
    expect(plan.refusal).toMatch(/^Read-only/);
    expect(await careful.run(plan)).toMatchObject({outcome: 'failed', refused: true});
    expect(await vacuums(target)).toBe(0);
    readOnly = false;
    expect(await act(target, careful)).toMatchObject({outcome: 'done'});
  });

  it('does nothing that it cannot record', async () => {
    const target = await makeTable('unaudited');
    const role = await bench.role(old ? ['tradetop_owner'] : []);
    await bench.admin.query(`GRANT USAGE ON SCHEMA logging, shared TO ${role}`);
    if (!old) await bench.admin.query(`GRANT MAINTAIN ON logging.unaudited TO ${role}`);
    const outcome = await act(target, bench.gate(role));
    expect(outcome).toMatchObject({
      outcome: 'failed',
      refused: true,
      summary:
        'Not started, because the audit log cannot be written: permission denied for table audit_log. ' +
        'Connect as tradetop_operator, or GRANT INSERT, SELECT ON shared.audit_log.',
    });
    expect(await vacuums(target)).toBe(0);
    await bench.admin.query(`DROP OWNED BY ${role}`);
  });

  it('takes tables with unusual names', async () => {
    const name = 'Weird "Name" {target} $& -- */ DROP';
    const target = await makeTable(name, {dead: 1000});
    const outcome = await act(target);
    expect(outcome).toMatchObject({outcome: 'done', rows: 1000});
    expect(outcome.sql).toContain(`VACUUM (ANALYZE, VERBOSE, TRUNCATE FALSE) "logging".${pg.escapeIdentifier(name)}`);
    expect((await audit(outcome))[0].table_name).toBe(`logging.${pg.escapeIdentifier(name)}`);
  });

  it('vacuums the partitions of a partitioned table and analyses the table itself', async () => {
    const target = table('data_ingestion', 'market_data');
    const before = await bench.admin.query(
      `SELECT count(*) AS n FROM pg_inherits WHERE inhparent = 'data_ingestion.market_data'::regclass`,
    );
    const partitions = Number(before.rows[0].n);
    const seen: Progress[] = [];
    const outcome = await act(target, gate, {onProgress: p => seen.push(p)});
    expect(outcome.outcome).toBe('done');
    expect(outcome.summary).toMatch(new RegExp(`^${partitions + 1} of ${partitions + 1} tables done; no dead rows`));
    expect(new Set(seen.map(p => p.step)).size).toBe(partitions + 1);
    const {rows} = await bench.admin.query(
      `SELECT relid = 'data_ingestion.market_data'::regclass AS parent, bool_and(vacuum_count > 0) AS vacuumed,
              bool_and(analyze_count > 0) AS analyzed
       FROM pg_stat_all_tables WHERE schemaname = 'data_ingestion' AND relname LIKE 'market_data%'
       GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual([
      {parent: false, vacuumed: true, analyzed: true},
      {parent: true, vacuumed: false, analyzed: true},
    ]);
  });

  it('processes the tables of a schema that it may, and names the others', async () => {
    await bench.admin.query('CREATE SCHEMA mixed');
    await bench.admin.query('GRANT USAGE ON SCHEMA mixed TO tradetop_operator, tradetop_owner');
    await makeTable('ours', {dead: 100, schema: 'mixed'});
    await bench.admin.query('CREATE TABLE mixed.theirs (id int)');
    const target: Target = {kind: 'schema', schema: 'mixed'};
    const plan = await gate.plan('vacuum-analyze', target);
    expect(plan.sql.filter(s => s.startsWith('VACUUM'))).toHaveLength(1);
    expect(plan.facts.find(f => f.label === 'left out')).toMatchObject({warn: true});
    const outcome = await gate.run(plan);
    const why = old ? 'only its owner postgres may' : 'no MAINTAIN privilege';
    expect(outcome).toMatchObject({
      outcome: 'partial',
      summary: `1 of 2 tables done; 100 of 100 dead rows removed; mixed.theirs skipped (${why}).`,
    });
    await bench.admin.query('DROP SCHEMA mixed CASCADE');
  });

  it('processes the whole database', async () => {
    const outcome = await act({kind: 'database'}, bench.gate('postgres'));
    expect(outcome.outcome).toBe('done');
    expect(outcome.sql.length).toBeGreaterThan(20);
    expect(outcome.sql.every(s => !s.includes('pg_catalog'))).toBe(true);
  });

  it('reports in the plan that the table does not exist', async () => {
    expect((await gate.plan('vacuum-analyze', table('logging', 'nowhere'))).refusal).toBe(
      'There is no table logging.nowhere, or it has no partition yet.',
    );
    expect((await gate.plan('vacuum-analyze', {kind: 'schema', schema: 'no"such'})).refusal).toBe(
      'There is no table in schema "no""such".',
    );
  });
});

describe.each(oldServer)('VACUUM on %s, where the operator was not made the owner', (_name, start) => {
  it('is refused to the operator, who is told how, and the doctor tells it too', async () => {
    const bench = await makeBench(await start(), {operatorMayVacuum: false});
    const operator = await bench.role(['tradetop_operator']);
    const plan = await bench.gate(operator).plan('vacuum-analyze', table('execution', 'trades'));
    const {findings} = await examinePostgres(bench.config(operator).trading, loadSql());
    // No other way leads there either.
    const session = await bench.session();
    await session.query(`SET SESSION AUTHORIZATION ${operator}`);
    const ways = ['SET ROLE tradetop_owner', 'SET ROLE tradetop_vacuum', 'DROP TABLE execution.trades'];
    const codes: unknown[] = [];
    for (const way of ways) codes.push(await session.query(way).catch((error: {code?: string}) => error.code));
    await bench.close();
    expect(plan.refusal).toMatch(
      /^This role may not vacuum execution\.trades: only its owner tradetop_owner may\. .*tradetop setup --operator-may-vacuum$/,
    );
    expect(findings.find(f => f.id === 'right_maintain')).toMatchObject({
      status: 'warn',
      remedy: 'tradetop setup --operator-may-vacuum',
    });
    expect(codes).toEqual(['42501', expect.stringMatching(/42501|22023/), '42501']);
  });
});
