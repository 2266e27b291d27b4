import {type ChildProcess, spawn} from 'node:child_process';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import pino from 'pino';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import * as actions from '../../../src/actions/index.ts';
import type {ScheduleSettings} from '../../../src/config/settings.ts';
import {loadSql} from '../../../src/io/sql.ts';
import {JOBS} from '../../../src/schedule/jobs.ts';
import {LOCK} from '../../../src/schedule/runs.ts';
import {createScheduler, type Scheduler} from '../../../src/schedule/scheduler.ts';
import {type Bench, makeBench, newServer} from '../../helpers/desk/acting.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const HELD = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
  AND ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)`;
/** Due from midnight on, for a day: now, whenever that is. */
const NOW = {cron: '0 0 * * *', windowMinutes: 1440, jitterMinutes: 0, market: 'any'} as const;
/** Only these jobs, due now. */
const dueNow = (...ids: readonly string[]): ScheduleSettings => ({
  jobs: Object.fromEntries(JOBS.map(({id}) => [id, ids.includes(id) ? NOW : {off: true}])),
});

describe('scheduled maintenance', () => {
  let bench: Bench;
  let operator: string;
  let slow: string;
  const schedulers: Scheduler[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    bench = await makeBench(await newServer[1]());
    operator = await bench.role(['tradetop_operator']);
    slow = await bench.role(['tradetop_operator'], {vacuum_cost_delay: '100ms', vacuum_cost_limit: '1'});
    await bench.admin.query(`INSERT INTO logging.performance_logs (service, operation, timestamp)
      SELECT 'x', 'y', now() - make_interval(days => g % 2 * 100) FROM generate_series(1, 5000) AS g`);
    await bench.admin.query(`INSERT INTO data_ingestion.data_quality_logs (check_name, message, timestamp)
      VALUES ('gap', 'old', now() - interval '2 years'), ('gap', 'new', now())`);
    await bench.admin.query(`INSERT INTO shared.alert_lives (alert, rule, severity, text, fired_at, last_seen_at, cleared_at, seen_by)
      SELECT 'a' || n, 'a', 'warn', 'x', now() - interval '2 years', now(), CASE n WHEN 1 THEN now() - interval '1 year 1 day' END, 'x'
      FROM generate_series(1, 2) AS n`);
    await bench.admin.query(`INSERT INTO logging.system_logs (service, message, created_at)
      VALUES ('x', 'old', now() - interval '40 days'), ('x', 'new', now())`);
  });
  beforeEach(() => bench.admin.query('DELETE FROM shared.maintenance_runs'));
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(schedulers.splice(0).map(scheduler => scheduler.close()));
  });
  afterAll(() => bench.close());

  function scheduler(host: string, schedule: ScheduleSettings, user = operator): Scheduler {
    const config = {...bench.config(user), schedule};
    const made = createScheduler({
      config,
      sql: loadSql(),
      actions: Object.values(actions),
      log: pino({enabled: false}),
      host,
    });
    schedulers.push(made);
    return made;
  }
  const rows = async (sql: string, values: readonly unknown[] = []) => (await bench.admin.query(sql, [...values])).rows;
  const runs = () =>
    rows(`SELECT job, host, outcome, detail, started_at IS NOT NULL AS started, due_at > now() AS ahead
      FROM shared.maintenance_runs ORDER BY job, due_at`);
  const none = new AbortController().signal;
  /** Somebody else works. */
  const holdLock = () => rows('SELECT pg_advisory_lock(hashtextextended($1, 0))', [LOCK]);
  const freeLock = () => rows('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [LOCK]);

  function command(args: readonly string[], schedule: ScheduleSettings, user = operator) {
    const file = join(mkdtempSync(join(tmpdir(), 'schedule-')), 'config.json');
    writeFileSync(file, JSON.stringify({schedule}));
    const child = spawn(process.execPath, [CLI, 'maintain', '--config', file, ...args], {
      env: {PATH: process.env.PATH, ...bench.env(user)},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let [out, err] = ['', ''];
    child.stdout?.on('data', data => (out += data));
    child.stderr?.on('data', data => (err += data));
    const ended = new Promise<{code: number | null; out: string; err: string}>(resolve =>
      child.once('close', code => resolve({code, out, err})),
    );
    return {child, ended};
  }
  /** The runs of the slow role that have begun and not ended. */
  const underWay = () =>
    rows(
      `SELECT FROM shared.audit_log AS s WHERE db_user = $1 AND result = 'started' AND s.timestamp > (SELECT max(started_at) FROM shared.maintenance_runs)
       AND NOT EXISTS (SELECT FROM shared.audit_log AS e WHERE e.correlation_id = s.correlation_id AND e.result <> 'started')`,
      [slow],
    );

  it('runs each job once, whichever of two hosts comes first, by the gate as the user schedule', async () => {
    const wanted = dueNow('archive-logs', 'purge-logs');
    const [a, b] = [scheduler('a', wanted), scheduler('b', wanted)];
    const both = await Promise.all([a.once(none), b.once(none)]);
    // Whoever came second may have given way at any time: what is left is done by the next look.
    const rest = await a.once(none);
    const ran = [...both, rest].flatMap(one => one.ran);
    expect(ran.map(({job}) => job).toSorted()).toEqual(['archive-logs', 'purge-logs']);
    expect(ran.every(({outcome}) => outcome === 'done')).toBe(true);
    const all = await runs();
    expect(all.map(row => [row.job, row.outcome, row.ahead])).toEqual([
      ['archive-logs', 'done', false],
      ['archive-logs', null, true],
      ['purge-logs', 'done', false],
      ['purge-logs', null, true],
    ]);
    // Whoever had read that it is due before somebody else ran it gets nothing.
    const again = `SELECT job, due_at::text, start_by::text, stop_at::text FROM shared.maintenance_runs WHERE job = 'purge-logs'`;
    for (const {job, due_at: due, start_by: by, stop_at: stop} of await rows(again)) {
      const claimed = await rows(loadSql().statement('schedule/claim'), [job, due, by, stop, 'c']);
      expect(claimed.length, due).toBe(Date.parse(due) > Date.now() ? 1 : 0);
    }
    expect(all[2].detail).toContain('logging.performance_logs: 2,500 rows deleted.');
    expect(all[2].detail).toContain('data_ingestion.data_quality_logs: 1 row deleted.');
    const [left] = await rows(`SELECT (SELECT count(*)::int FROM logging.performance_logs) AS performance,
      (SELECT count(*)::int FROM logging.system_logs) AS logs, (SELECT count(*)::int FROM logging.archived_system_logs) AS archived,
      (SELECT string_agg(message, ' ') FROM data_ingestion.data_quality_logs) AS quality,
      (SELECT string_agg(alert, ' ') FROM shared.alert_lives) AS alerts`);
    expect(left).toEqual({performance: 2500, logs: 1, archived: 1, quality: 'new', alerts: 'a2'});
    const trail = await rows(`SELECT operation, user_id, client, result FROM shared.audit_log
      WHERE table_name = 'logging.performance_logs' ORDER BY id`);
    expect(trail).toEqual([
      {operation: 'purge-logs', user_id: 'schedule', client: all[2].host, result: 'started'},
      {operation: 'purge-logs', user_id: 'schedule', client: all[2].host, result: 'done'},
    ]);
  });

  it('purges only logs, never the audit log, and only by who may', async () => {
    const refusal = async (user: string, schema: string, name: string) =>
      (await bench.gate(user).plan('purge-logs', {kind: 'table', schema, name})).refusal;
    expect(await refusal(operator, 'shared', 'audit_log')).toMatch(
      /its records are evidence\. Only the rows of log tables/,
    );
    expect(await refusal(operator, 'execution', 'trades')).toMatch(/Only the rows of log tables/);
    expect(await refusal(operator, 'logging', 'performance_logs')).toBeUndefined();
    const monitor = await bench.role(['tradetop_monitor']);
    expect(await refusal(monitor, 'logging', 'performance_logs')).toBe(
      'This role may not delete from logging.performance_logs: connect as tradetop_operator.',
    );
  });

  it('leaves alone what another scheduler does, and closes what one has left behind', async () => {
    await rows(`INSERT INTO shared.maintenance_runs (job, due_at, start_by, stop_at, host, started_at)
      VALUES ('archive-logs', now() - interval '1 day', now() - interval '20 hours', now() - interval '20 hours', 'gone',
        now() - interval '1 day')`);
    const a = scheduler('a', dueNow('archive-logs'));
    await holdLock();
    const {ran, waiting} = await a.once(none);
    expect([ran, waiting.map(({why}) => why)]).toEqual([[], ['Another scheduler is at work.']]);
    expect((await runs()).filter(row => row.outcome !== null)).toEqual([]);
    await freeLock();
    const again = await a.once(none);
    expect(again.ran).toMatchObject([
      {
        job: 'archive-logs',
        outcome: 'done',
        detail: expect.stringMatching(/^The run of .*Z on gone was cut off\. logging/),
      },
    ]);
    expect((await runs())[0]).toMatchObject({
      host: 'gone',
      outcome: 'failed',
      detail: expect.stringMatching(/^Cut off: /),
    });
  });

  it('closes what was missed, and takes the place of what is planned no more', async () => {
    await rows(`INSERT INTO shared.maintenance_runs (job, due_at, start_by, stop_at) VALUES
      ('analyze', now() - interval '2 days', now() - interval '47 hours', now() - interval '47 hours'),
      ('analyze', now() + interval '3 days', now() + interval '4 days', now() + interval '4 days'),
      ('purge-logs', now() - interval '1 day', now() - interval '20 hours', now() - interval '20 hours')`);
    const analyze = {...dueNow(), jobs: {...dueNow().jobs, analyze: {...NOW, windowMinutes: 1, cron: '30 0 1 1 *'}}};
    await scheduler('a', analyze).once(none);
    expect(await runs()).toMatchObject([
      {job: 'analyze', outcome: 'missed', started: false, detail: expect.stringMatching(/^No scheduler was running/)},
      {job: 'analyze', outcome: null, ahead: true},
    ]);
  });

  it('refuses wrong settings of the database, and runs nothing by them', async () => {
    await rows(`INSERT INTO shared.system_config (key, value) VALUES ('maintenance.schedule', '{"jobs": {"x": {}}}')`);
    try {
      await expect(scheduler('a', dueNow('analyze')).once(none)).rejects.toThrow(
        'The schedule’s jobs name x, which there is not',
      );
      expect(await runs()).toEqual([]);
    } finally {
      await rows(`DELETE FROM shared.system_config WHERE key = 'maintenance.schedule'`);
    }
  });

  it('says what it may not do, and goes on', async () => {
    const monitor = await bench.role(['tradetop_monitor']);
    await expect(scheduler('a', dueNow('analyze'), monitor).once(none)).rejects.toThrow(/permission denied|read-only/);
    const serving = new AbortController();
    const served = scheduler('a', dueNow('analyze'), monitor).serve(serving.signal);
    serving.abort();
    await served;
  });

  it('stops in order at SIGTERM; what was killed goes with its session, and the next one says so', async () => {
    const wanted = dueNow('vacuum-analyze');
    const first = command(['--schedule'], wanted, slow);
    await waitFor('the VACUUM', async () => (await underWay()).length > 0);
    first.child.kill('SIGTERM');
    const ended = await first.ended;
    expect([ended.code, ended.err]).toEqual([0, expect.stringContaining('"msg":"ended"')]);
    const [stopped] = await runs();
    expect(stopped).toMatchObject({
      outcome: 'cancelled',
      detail: expect.stringMatching(/^Stopped: the scheduler was ended\./),
    });
    const [last] = await rows('SELECT result, user_id FROM shared.audit_log ORDER BY id DESC LIMIT 1');
    expect(last).toEqual({result: 'cancelled', user_id: 'schedule'});
    expect(await underWay()).toEqual([]);

    await rows('DELETE FROM shared.maintenance_runs');
    const second = command(['--schedule'], wanted, slow);
    await waitFor('the VACUUM', async () => (await underWay()).length > 0);
    second.child.kill('SIGKILL');
    await second.ended;
    await waitFor('the end of its lock', async () => (await rows(HELD, [LOCK])).length === 0);
    const list = await command(['--list', '--json'], wanted).ended;
    expect(JSON.parse(list.out)).toMatchObject([{job: 'vacuum-analyze', state: 'cut off'}]);
    const sessions = () => rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, [slow]);
    await waitFor('its sessions’ end', async () => (await sessions()).length === 0);
    const third = await command(['--schedule', '--once', '--json'], wanted).ended;
    expect([third.code, JSON.parse(third.out)]).toEqual([0, {ran: [], waiting: []}]);
    const [cut] = await runs();
    expect(cut).toMatchObject({outcome: 'failed', detail: expect.stringMatching(/^Cut off: the scheduler on /)});
  });

  it('stops where it lost its lock, since somebody else may work from then on', async () => {
    const running = scheduler('a', dueNow('vacuum-analyze'), slow).once(none);
    await waitFor('the VACUUM', async () => (await underWay()).length > 0);
    await rows(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
         AND ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)`,
      [LOCK],
    );
    const {ran} = await running;
    expect(ran).toMatchObject([
      {outcome: 'cancelled', detail: expect.stringMatching(/^Stopped: the scheduler’s lock was lost\./)},
    ]);
  });

  it('shows what would run when, and changes nothing', async () => {
    const wanted = dueNow('analyze', 'purge-logs');
    const {code, out} = await command(['--schedule', '--dry-run', '--json', '--read-only'], wanted).ended;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([
      {
        job: 'purge-logs',
        now: 'due',
        set_by: 'file',
        steps: expect.arrayContaining(['purge-logs logging.performance_logs --days 90']),
      },
      {job: 'analyze', cron: '0 0 * * *', timezone: 'UTC', steps: ['analyze']},
    ]);
    expect(await runs()).toEqual([]);
    const refused = await command(['--schedule', '--read-only'], wanted).ended;
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('Read-only: scheduled maintenance')]);
  });
});
