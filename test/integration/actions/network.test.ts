import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import type {Outcome} from '../../../src/actions/plan.ts';
import type {Target} from '../../../src/actions/target.ts';
import {type Bench, makeBench, newServer, type Server, within} from '../../helpers/desk/acting.ts';
import {type FaultProxy, startProxy} from '../../helpers/servers/proxy.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const BIG: Target = {kind: 'table', schema: 'logging', name: 'big'};

describe('a network that breaks during an action', () => {
  let bench: Bench;
  let proxy: FaultProxy;
  let gate: Gate;
  let slow: string;

  beforeAll(async () => {
    const server: Server = await newServer[1]();
    bench = await makeBench(server);
    slow = await bench.role(['tradetop_operator'], {vacuum_cost_delay: '20ms', vacuum_cost_limit: '1'});
    proxy = await startProxy(server);
    const config = bench.config(slow);
    gate = bench.gate(slow, {config: {...config, trading: {...config.trading, port: proxy.port}}});
    await bench.admin.query('CREATE TABLE logging.big (id int, filler text) WITH (autovacuum_enabled = false)');
    await bench.admin.query('GRANT MAINTAIN ON logging.big TO tradetop_operator');
  });
  afterAll(async () => {
    await proxy.close();
    await bench.close();
  });

  const working = async (): Promise<boolean> =>
    (
      await bench.admin.query(
        'SELECT FROM pg_stat_progress_vacuum JOIN pg_stat_activity USING (pid) WHERE usename = $1',
        [slow],
      )
    ).rows.length > 0;
  const free = () =>
    waitFor(
      'the server to have ended it',
      async () => {
        const sql = `SELECT FROM pg_stat_activity WHERE usename = $1 AND application_name = 'tradetop maintain'`;
        return (await bench.admin.query(sql, [slow])).rows.length === 0;
      },
      30_000,
    );

  /** Starts a VACUUM that takes about `seconds`, and calls `fault` when the server is at it. */
  async function during(seconds: number, fault: () => Promise<void>): Promise<Outcome> {
    // Seven rows fill a page, and a page costs a delay of 20 ms.
    await bench.admin.query('TRUNCATE logging.big');
    await bench.admin.query(
      `INSERT INTO logging.big SELECT g, repeat('x', 1000) FROM generate_series(1, $1::int) AS g`,
      [seconds * 7 * 25],
    );
    await bench.admin.query('DELETE FROM logging.big WHERE id % 7 = 0');
    const plan = await gate.plan('vacuum-analyze', BIG);
    expect(plan.refusal).toBeUndefined();
    const running = gate.run(plan);
    await waitFor('VACUUM to run', working);
    await fault();
    return within(running, bench.admin, 50_000);
  }
  const results = async (outcome: Outcome): Promise<readonly string[]> => {
    const {rows} = await bench.admin.query(
      `SELECT result FROM shared.audit_log
       WHERE correlation_id = (SELECT correlation_id FROM shared.audit_log WHERE id = $1) ORDER BY id`,
      [outcome.auditId],
    );
    return rows.map(r => r.result);
  };

  it('notices that the answer was lost on a half-open connection, and that the server had completed', async () => {
    const outcome = await during(2, () => proxy.set('frozen'));
    await proxy.set('pass');
    expect(outcome.outcome).toBe('failed');
    expect(outcome.summary).toBe(
      'logging.big: the connection broke (Connection terminated: the server’s answer did not arrive), ' +
        'but the server had completed it.',
    );
    expect(await results(outcome)).toEqual(['started', 'failed']);
    await free();
  });

  it('reports that the server still works when only the connection broke', async () => {
    const outcome = await during(30, async () => {
      await proxy.set('reset');
      await proxy.set('pass');
    });
    expect(outcome.outcome).toBe('failed');
    expect(outcome.summary).toMatch(
      /^logging\.big: the connection broke \(.+\); the server still works on it, as pid \d+\.$/,
    );
    expect(await results(outcome)).toEqual(['started', 'failed']);
    expect((await gate.plan('vacuum-analyze', BIG)).refusal).toContain('The same action is already running');
    const pid = /pid (\d+)/.exec(outcome.summary)?.[1];
    await bench.admin.query('SELECT pg_terminate_backend($1)', [pid]);
    await free();
  });

  it('reports that the end is unknown, and not recorded, when the server does not answer', async () => {
    const outcome = await during(20, () => proxy.set('refuse'));
    await proxy.set('pass');
    expect(outcome.outcome).toBe('failed');
    expect(outcome.summary).toContain('and the server does not answer: it is not known how it ended.');
    expect(outcome.summary).toContain('Its end could not be written to the audit log');
    expect(await results(outcome)).toEqual(['started']);
    await bench.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND state = 'active'`,
      [slow],
    );
    await free();
    expect((await gate.plan('vacuum-analyze', BIG)).facts.find(f => f.label === 'last run')).toMatchObject({
      warn: true,
    });
  });

  it('is refused with the reason when no server answers', async () => {
    await proxy.set('refuse');
    const plan = await gate.plan('vacuum-analyze', BIG);
    expect(plan.refusal).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+\/\w+ does not answer: /);
    const outcome = await gate.run({...plan, refusal: undefined});
    expect(outcome).toMatchObject({outcome: 'failed', refused: true, auditId: undefined});
    await proxy.set('pass');
  });
});
