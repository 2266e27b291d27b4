import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Pg} from '../../../src/io/pg.ts';
import {prefectPoller} from '../../../src/monitor/prefect.ts';
import {prefectRunsPoller} from '../../../src/monitor/prefect-runs.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {PREFECT_SCHEMA} from '../../helpers/desk/prefect.ts';
import {type Database, freshDatabase, runSql} from '../../helpers/servers/servers.ts';
import {monitorPool, readerOf} from '../../helpers/state/polls.ts';

let db: Database;
let pool: Pg;
beforeAll(async () => {
  db = await freshDatabase();
  pool = monitorPool(targetOf(db));
});
afterAll(async () => {
  await pool?.close();
  await db?.drop();
});
const counts = () => readerOf(prefectPoller, {prefect: pool})();
const lists = () => readerOf(prefectRunsPoller, {prefect: pool})();

describe('Prefect in a schema of its own', () => {
  it('is not there yet, and that is no failure', async () => {
    expect((await counts()).prefect).toMatchObject([{initialised: false}]);
    expect(await lists()).toEqual({prefect_runs: [], prefect_workers: []});
  });

  it('is found by its tables, and by the search path where there are several', async () => {
    await runSql(
      db.config,
      `CREATE SCHEMA "flows 2"; SET search_path = "flows 2"; ${PREFECT_SCHEMA}
      INSERT INTO flow_run (name, state_type, expected_start_time) VALUES ('late', 'SCHEDULED', now() - interval '1 minute')`,
    );
    expect((await counts()).prefect).toMatchObject([{initialised: true, lateRuns: 1}]);
    await runSql(db.config, `CREATE SCHEMA another; SET search_path = another; ${PREFECT_SCHEMA}`);
    expect((await counts()).prefect).toMatchObject([{initialised: true, lateRuns: 0}]);
    await runSql(db.config, `ALTER DATABASE ${db.name} SET search_path = "$user", "flows 2"`);
    await pool.close();
    pool = monitorPool(targetOf(db));
    expect((await counts()).prefect).toMatchObject([{initialised: true, lateRuns: 1}]);
  });

  it('has late, running and failed runs with what is usual of their flows, and workers and pools', async () => {
    await runSql(
      db.config,
      `SET search_path = "flows 2"; TRUNCATE flow_run;
      INSERT INTO flow (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'end-of-day'), ('00000000-0000-0000-0000-000000000002', 'once');
      INSERT INTO flow_run (flow_id, name, state_type, state_name, state_timestamp, expected_start_time, start_time, end_time)
        SELECT '00000000-0000-0000-0000-000000000001', 'c' || n, 'COMPLETED', 'Completed', now() - n * interval '1 hour', NULL,
               now() - n * interval '1 hour' - (60 + n) * interval '1 s', now() - n * interval '1 hour' FROM generate_series(1, 5) AS n
         UNION ALL SELECT f, name, state::state_type, state_name, at, due, began, NULL FROM (VALUES
           ('00000000-0000-0000-0000-000000000001'::uuid, 'due', 'SCHEDULED', 'Scheduled', now(), now() - interval '5 s', NULL),
           ('00000000-0000-0000-0000-000000000001', 'late', 'SCHEDULED', 'Late', now(), now() - interval '5 minutes', NULL),
           ('00000000-0000-0000-0000-000000000001', 'paused', 'PAUSED', 'Paused', now(), now() - interval '5 minutes', NULL),
           ('00000000-0000-0000-0000-000000000001', 'long', 'RUNNING', 'Running', now(), NULL, now() - interval '10 minutes'),
           ('00000000-0000-0000-0000-000000000002', 'first', 'RUNNING', 'Running', now(), NULL, now() - interval '20 minutes'),
           ('00000000-0000-0000-0000-000000000001', 'mended', 'FAILED', 'Failed', now() - interval '2 hours', NULL, now() - interval '3 hours'),
           (NULL, 'crashed', 'CRASHED', 'Crashed', now() - interval '10 minutes', NULL, now() - interval '3 hours'),
           (NULL, 'old', 'FAILED', 'Failed', now() - interval '2 days', NULL, NULL)) AS v (f, name, state, state_name, at, due, began);
      INSERT INTO work_pool (id, name, type, status, is_paused) VALUES ('00000000-0000-0000-0000-00000000000a', 'default', 'process', 'READY', false),
        ('00000000-0000-0000-0000-00000000000b', 'gpu', 'kubernetes', 'NOT_READY', true);
      INSERT INTO worker (name, work_pool_id, last_heartbeat_time) VALUES ('w1', '00000000-0000-0000-0000-00000000000a', now()),
        ('w2', '00000000-0000-0000-0000-00000000000a', now() - interval '10 minutes'), ('w3', '00000000-0000-0000-0000-00000000000a', now() - interval '2 days')`,
    );
    const {prefect_runs: runs, prefect_workers: workers} = await lists();
    expect(runs.map(row => [row.kind, row.name, row.flow, row.usualSeconds, row.recovered])).toEqual([
      ['late', 'late', 'end-of-day', 63, false],
      ['running', 'first', 'once', undefined, false],
      ['running', 'long', 'end-of-day', 63, false],
      ['failed', 'crashed', undefined, undefined, false],
      ['failed', 'mended', 'end-of-day', 63, true],
    ]);
    expect(runs[0]?.seconds).toBeGreaterThanOrEqual(300);
    expect(workers.map(row => [row.kind, row.name, row.pool, row.status, row.paused, row.online])).toEqual([
      ['worker', 'w2', 'default', undefined, false, 1],
      ['worker', 'w1', 'default', undefined, false, 1],
      ['pool', 'default', 'default', 'READY', false, 1],
      ['pool', 'gpu', 'gpu', 'NOT_READY', true, 0],
    ]);
  });

  it('lists no workers where this release of Prefect has none, and goes on', async () => {
    await runSql(db.config, `SET search_path = "flows 2"; DROP TABLE worker; ALTER TABLE flow DROP COLUMN name`);
    expect(await lists()).toEqual({prefect_runs: [], prefect_workers: []});
    expect((await counts()).prefect).toMatchObject([{lateRuns: 1, runningRuns: 2, failedRuns: 2}]);
  });
});
