import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import {type Bench, makeBench} from '../../helpers/desk/acting.ts';
import {ownPostgres} from '../../helpers/servers/servers.ts';
import {type Standby, startStandby} from '../../helpers/servers/standby.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

describe('what changes between the plan of an action and its run', () => {
  let server: PostgresServer;
  let bench: Bench;
  let standby: Standby;
  beforeAll(async () => {
    server = await ownPostgres();
    bench = await makeBench(server);
    standby = await startStandby(server);
    // The tests end one after the other, and nobody waits for the other.
    await bench.admin.query(`ALTER SYSTEM SET synchronous_standby_names = ''`);
    await bench.admin.query('SELECT pg_reload_conf()');
  });
  afterAll(async () => {
    await standby?.stop();
    await bench?.close();
  });

  const table = (name: string) => ({kind: 'table', schema: 'logging', name}) as const;
  const make = (name: string) => bench.admin.query(`CREATE TABLE logging.${name} (id int PRIMARY KEY)`);

  it('is said of a table that is dropped before the run, and of one dropped while the run waits for its lock', async () => {
    const gate = bench.gate('postgres');
    await make('early');
    const plan = await gate.plan('vacuum-analyze', table('early'));
    expect(plan.refusal).toBeUndefined();
    await bench.admin.query('DROP TABLE logging.early');
    expect(await gate.run(plan)).toMatchObject({
      refused: true,
      summary: expect.stringMatching(/logging\.early/),
    });

    await make('late');
    const holder = await bench.session();
    await holder.query('BEGIN; LOCK TABLE logging.late IN ACCESS EXCLUSIVE MODE');
    const waiting = gate.run(await gate.plan('vacuum-analyze', table('late')));
    await waitFor('the run to wait', async () => {
      const {rows} = await bench.admin.query(`SELECT FROM pg_locks WHERE NOT granted`);
      return rows.length > 0;
    });
    await holder.query('DROP TABLE logging.late; COMMIT');
    const outcome = await waiting;
    expect(outcome).toMatchObject({outcome: 'failed', summary: expect.stringMatching(/logging\.late/)});
    expect(await gate.closeLost()).toBe(0);
  });

  it('is said of a standby, on which nothing is done until it is promoted', async () => {
    await make('kept');
    const {rows} = await bench.admin.query('SELECT pg_current_wal_lsn()::text AS lsn');
    const config = bench.config('postgres');
    const there = bench.gate('postgres', {
      config: {...config, trading: {...config.trading, port: standby.port}},
    });
    await waitFor('the standby to have the table', async () => {
      const {rows: replayed} = await bench.admin.query(
        'SELECT FROM pg_stat_replication WHERE replay_lsn >= $1::pg_lsn',
        [rows[0].lsn],
      );
      return replayed.length > 0;
    });
    const refused = await there.plan('vacuum-analyze', table('kept'));
    expect(refused.refusal).toMatch(/ is a standby, where nothing can be changed\. Connect to the primary\.$/);
    expect(await there.run(refused)).toMatchObject({refused: true});
    await standby.promote();
    // Its plan was refused: it is planned again before anything is done.
    const plan = await there.plan('vacuum-analyze', table('kept'));
    expect(plan.refusal).toBeUndefined();
    expect(await there.run(plan)).toMatchObject({outcome: 'done'});
    expect(await there.closeLost()).toBe(0);
  });
});
