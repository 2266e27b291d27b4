import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import type {Gate} from '../../../src/actions/gate.ts';
import type {Outcome, Progress} from '../../../src/actions/plan.ts';
import type {Target} from '../../../src/actions/target.ts';
import {type Bench, makeBench, newServer, oldServer} from '../../helpers/desk/acting.ts';
import {waitFor} from '../../helpers/servers/wait.ts';

const LOGS: Target = {kind: 'table', schema: 'logging', name: 'system_logs'};
const BARS: Target = {kind: 'table', schema: 'data_ingestion', name: 'market_data'};

describe.each([newServer, ...oldServer])('archiving logs on %s', (_name, start) => {
  let bench: Bench;
  let gate: Gate;

  beforeAll(async () => {
    bench = await makeBench(await start());
    gate = bench.gate(await bench.role(['tradetop_operator']));
  });
  afterAll(() => bench.close());

  /** Fills the log anew: `old` lines of 40 days ago and older, `young` lines of today. */
  async function fill(old: number, young: number): Promise<void> {
    await bench.admin.query('TRUNCATE logging.system_logs, logging.archived_system_logs');
    await bench.admin.query(
      `INSERT INTO logging.system_logs (service, message, context, created_at)
       SELECT 'execution', 'line ' || g, jsonb_build_object('n', g), now() - make_interval(days => 40, secs => $1 - g)
       FROM generate_series(1, $1::int) AS g
       UNION ALL SELECT 'execution', 'young ' || g, NULL, now() FROM generate_series(1, $2::int) AS g`,
      [old, young],
    );
  }
  const counts = async () => {
    const {rows} = await bench.admin.query(
      `SELECT (SELECT count(*)::int FROM logging.system_logs) AS logs,
              (SELECT count(*)::int FROM logging.archived_system_logs) AS archived,
              (SELECT count(*)::int FROM logging.system_logs JOIN logging.archived_system_logs USING (id)) AS twice`,
    );
    return rows[0];
  };
  const act = async (options: Parameters<Gate['run']>[1] = {}): Promise<Outcome> => {
    const plan = await gate.plan('archive-logs', LOGS);
    expect(plan.refusal).toBeUndefined();
    return gate.run(plan, options);
  };

  it('moves the old lines completely, and no newer one', async () => {
    await fill(3500, 20);
    const sum = `SELECT md5(string_agg(to_jsonb(l)::text, ',' ORDER BY id)) AS sum FROM (SELECT id, timestamp, service,
      level, event_type, message, correlation_id, context, created_at FROM logging.`;
    const before = await bench.admin.query(`${sum}system_logs WHERE created_at < now() - interval '30 days') AS l`);
    const plan = await gate.plan('archive-logs', LOGS);
    expect(Object.fromEntries(plan.facts.map(f => [f.label, f.value]))).toMatchObject({
      'lines to move': '3,500',
      'older than': '30 days',
    });
    const seen: Progress[] = [];
    const outcome = await gate.run(plan, {onProgress: p => seen.push(p)});
    expect(outcome).toMatchObject({outcome: 'done', rows: 3500, summary: '3,500 lines moved into the archive.'});
    expect(outcome.sql).toEqual(plan.sql);
    expect(seen.some(p => p.step > 1 && p.current.includes('of 3,500 lines moved'))).toBe(true);
    expect(await counts()).toEqual({logs: 20, archived: 3500, twice: 0});
    const after = await bench.admin.query(`${sum}archived_system_logs) AS l`);
    expect(after.rows).toEqual(before.rows);
    expect(await act()).toMatchObject({outcome: 'done', rows: 0});
  });

  it('says that the disk is full, loses nothing, and goes on when there is room', async () => {
    await fill(3500, 20);
    await bench.admin.query(`CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON logging.archived_system_logs FOR EACH ROW EXECUTE FUNCTION public.full_disk()`);
    expect(await act()).toMatchObject({outcome: 'failed', summary: expect.stringContaining('No space left on device')});
    expect(await counts()).toEqual({logs: 3520, archived: 0, twice: 0});
    await bench.admin.query('DROP FUNCTION public.full_disk CASCADE');
    expect(await act()).toMatchObject({outcome: 'done', rows: 3500});
    expect(await counts()).toEqual({logs: 20, archived: 3500, twice: 0});
  });

  it('takes the age from --days', async () => {
    await fill(10, 5);
    const plan = await gate.plan('archive-logs', LOGS, {flags: {days: 41}});
    expect(plan.facts.find(f => f.label === 'lines to move')?.value).toBe('0');
    expect(await gate.run(plan)).toMatchObject({outcome: 'done', rows: 0});
    expect(await counts()).toEqual({logs: 15, archived: 0, twice: 0});
  });

  it('keeps what was moved when it is cancelled, and continues the next time', async () => {
    await fill(8000, 5);
    const abort = new AbortController();
    const outcome = await act({
      signal: abort.signal,
      onProgress: p => {
        if (p.step >= 3) abort.abort();
      },
    });
    expect(outcome.outcome).toBe('cancelled');
    expect(outcome.summary).toMatch(/^Cancelled: [\d,]+ of 8,000 lines moved into the archive; the rest stays\.$/);
    const half = await counts();
    expect(half.archived).toBe(outcome.rows);
    expect(half.archived).toBeGreaterThan(0);
    expect(half).toMatchObject({logs: 8005 - half.archived, twice: 0});
    expect(await act()).toMatchObject({outcome: 'done', rows: 8000 - half.archived});
    expect(await counts()).toEqual({logs: 5, archived: 8000, twice: 0});
  });

  it('rolls back a batch that archives fewer lines than it deletes', async () => {
    await fill(50, 0);
    await bench.admin.query(
      `CREATE FUNCTION logging.drop_some() RETURNS trigger LANGUAGE plpgsql AS
       'BEGIN RETURN CASE WHEN NEW.message = ''line 7'' THEN NULL ELSE NEW END; END'`,
    );
    await bench.admin.query(
      `CREATE TRIGGER t BEFORE INSERT ON logging.archived_system_logs
       FOR EACH ROW EXECUTE FUNCTION logging.drop_some()`,
    );
    const outcome = await act();
    await bench.admin.query('DROP FUNCTION logging.drop_some() CASCADE');
    expect(outcome).toMatchObject({
      outcome: 'failed',
      rows: 0,
      summary:
        '0 of 50 lines moved into the archive; the rest stays: ' +
        'a batch archived another number of lines than it deleted, and was rolled back.',
    });
    expect(await counts()).toEqual({logs: 50, archived: 0, twice: 0});
  });

  it('leaves lines that others have locked, and reports them', async () => {
    await fill(30, 0);
    const other = await bench.session();
    await other.query('BEGIN');
    await other.query(`SELECT FROM logging.system_logs WHERE message IN ('line 1', 'line 2') FOR UPDATE`);
    const outcome = await act();
    await other.query('ROLLBACK');
    expect(outcome).toMatchObject({outcome: 'partial', rows: 28});
    expect(outcome.summary).toContain('2 lines are locked by other sessions and stay');
    expect(await counts()).toEqual({logs: 2, archived: 28, twice: 0});
  });

  it('ends when it is terminated on the server, and loses nothing', async () => {
    await fill(20_000, 0);
    const running = act();
    await waitFor('a batch to be archived', async () => (await counts()).archived > 0);
    const {rows} = await bench.admin.query(
      `SELECT pg_terminate_backend(pid) AS killed FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'tradetop maintain'`,
    );
    expect(rows).toEqual([{killed: true}]);
    const outcome = await running;
    expect(outcome.outcome).toBe('failed');
    expect(outcome.summary).toMatch(
      /^The connection broke \(.+\): .+; the last batch was moved completely or not at all\.$/,
    );
    const half = await counts();
    expect(half.logs + half.archived).toBe(20_000);
    expect(half.twice).toBe(0);
  });

  it('refuses other tables, and a role that may not', async () => {
    expect((await gate.plan('archive-logs', {...LOGS, name: 'performance_logs'} as Target)).refusal).toBe(
      'Only logging.system_logs has an archive.',
    );
    const watcher = bench.gate(await bench.role(['tradetop_monitor']));
    expect((await watcher.plan('archive-logs', LOGS)).refusal).toBe(
      'This role may not archive logs: connect as tradetop_operator.',
    );
  });
});

describe.each([newServer, ...oldServer])('creating partitions on %s', (_name, start) => {
  let bench: Bench;
  let gate: Gate;

  beforeAll(async () => {
    bench = await makeBench(await start());
    gate = bench.gate(await bench.role(['tradetop_operator']));
  });
  afterAll(() => bench.close());

  const partitions = async (): Promise<readonly string[]> => {
    const {rows} = await bench.admin.query(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'data_ingestion.market_data'::regclass
       ORDER BY 1`,
    );
    return rows.map(r => r.name);
  };
  const month = async (ahead: number): Promise<string> => {
    const {rows} = await bench.admin.query(
      `SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => $1), 'YYYY_MM') AS m`,
      [ahead],
    );
    return rows[0].m;
  };

  it('reports that all partitions exist', async () => {
    const plan = await gate.plan('create-partitions', BARS);
    expect(plan.sql).toEqual([]);
    expect(await gate.run(plan)).toMatchObject({outcome: 'done', summary: 'All partitions exist.'});
  });

  it('creates the missing months, and moves their rows out of the default partition', async () => {
    const before = await partitions();
    const seventh = await month(7);
    await bench.admin.query(
      `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume)
       SELECT 'AAPL', to_timestamp($1 || '_02', 'YYYY_MM_DD') + g * interval '1 minute', 1, 1, 1, 1, 1
       FROM generate_series(1, 30) AS g`,
      [seventh],
    );
    const plan = await gate.plan('create-partitions', BARS, {flags: {months: 8}});
    expect(plan.sql).toHaveLength(2);
    expect(plan.sql[0]).toContain(`'"data_ingestion"."market_data"', '${seventh.replace('_', '-')}-01'`);
    const outcome = await gate.run(plan);
    expect(outcome).toMatchObject({
      outcome: 'done',
      summary:
        `2 of 2 missing partitions created; ${seventh.replace('_', '-')} created, ` +
        `30 rows moved from the default partition; ${(await month(8)).replace('_', '-')} created.`,
    });
    expect((await partitions()).filter(p => !before.includes(p))).toEqual([
      `data_ingestion.market_data_${seventh}`,
      `data_ingestion.market_data_${await month(8)}`,
    ]);
  });

  it('creates the months that rows wait for, however old or far ahead, and moves the rows', async () => {
    const bar = `INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close) SELECT 'OLD', t, 1, 1, 1, 1
      FROM unnest($1::timestamptz[]) AS t`;
    const times = [
      '2020-01-31T23:59:59.999999Z',
      '2020-02-01T00:00:00Z',
      '2020-02-02T00:00:00Z',
      '2099-12-31T12:00:00Z',
    ];
    await bench.admin.query(bar, [[...times, '-infinity', '0044-03-15 BC']]);
    const plan = await gate.plan('create-partitions', BARS, {flags: {months: 8}});
    expect(plan.facts.find(f => f.label === 'default partition')).toMatchObject({
      value: 'has rows of 3 months: 2020-01, 2020-02, 2099-12',
    });
    expect(plan.sql).toHaveLength(3);
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'done',
      summary:
        '3 of 3 missing partitions created; 2020-01 created, 1 rows moved from the default partition; ' +
        '2020-02 created, 2 rows moved from the default partition; 2099-12 created, 1 rows moved from the default partition.',
    });
    const {rows} = await bench.admin.query(
      `SELECT tableoid::regclass::text AS home, count(*)::int AS n FROM data_ingestion.market_data
       WHERE symbol = 'OLD' GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual([
      {home: 'data_ingestion.market_data_2020_01', n: 1},
      {home: 'data_ingestion.market_data_2020_02', n: 2},
      {home: 'data_ingestion.market_data_2099_12', n: 1},
      {home: 'data_ingestion.market_data_default', n: 2},
    ]);
    await bench.admin.query(`DELETE FROM data_ingestion.market_data WHERE symbol = 'OLD'`);
    await bench.admin.query(
      'DROP TABLE data_ingestion.market_data_2020_01, data_ingestion.market_data_2020_02, data_ingestion.market_data_2099_12',
    );
    expect((await gate.plan('create-partitions', BARS, {flags: {months: 8}})).sql).toEqual([]);
  });

  it('says that it cannot look into the default partition, where it may not', async () => {
    const role = await bench.role([]);
    await bench.admin.query(
      `GRANT USAGE ON SCHEMA shared, data_ingestion TO ${role};
       GRANT EXECUTE ON FUNCTION shared.create_monthly_partition(text, date) TO ${role}`,
    );
    const plan = await bench.gate(role).plan('create-partitions', BARS, {flags: {months: 8}});
    await bench.admin.query(`DROP OWNED BY ${role}; GRANT CONNECT ON DATABASE ${bench.database} TO ${role}`);
    expect(plan.refusal).toBeUndefined();
    expect(plan.facts.find(f => f.label === 'default partition')).toMatchObject({
      value: expect.stringMatching(/^cannot be read: permission denied/),
      warn: true,
    });
  });

  it('ends partial when a month cannot be created, and names it', async () => {
    const tenth = await month(10);
    await bench.admin.query(`CREATE TABLE data_ingestion.market_data_${tenth} (id int)`);
    const outcome = await gate.run(await gate.plan('create-partitions', BARS, {flags: {months: 11}}));
    expect(outcome.outcome).toBe('partial');
    expect(outcome.summary).toContain('2 of 3 missing partitions created');
    expect(outcome.summary).toContain(
      `${tenth.replace('_', '-')} failed (table data_ingestion.market_data_${tenth} is there`,
    );
  });

  it('retries at a lock timeout, and is cancelled between two attempts', async () => {
    const other = await bench.session();
    await other.query('BEGIN');
    await other.query('LOCK TABLE data_ingestion.market_data_default IN ROW EXCLUSIVE MODE');
    const abort = new AbortController();
    const outcome = await gate.run(await gate.plan('create-partitions', BARS, {flags: {months: 12}}), {
      signal: abort.signal,
      onProgress: p => {
        if (p.blockers.length > 0) abort.abort();
      },
    });
    expect(outcome.outcome).toBe('cancelled');
    const twelfth = `data_ingestion.market_data_${await month(12)}`;
    expect(await partitions()).not.toContain(twelfth);
    const running = gate.run(await gate.plan('create-partitions', BARS, {flags: {months: 12}}));
    await waitFor('it to wait for the lock', async () => {
      const {rows} = await bench.admin.query(
        `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'tradetop maintain'
         AND datname = current_database()`,
      );
      return rows.length > 0;
    });
    await other.query('ROLLBACK');
    expect((await running).outcome).toBe('partial');
    expect(await partitions()).toContain(twelfth);
  });

  it('names the partition that a month overlaps', async () => {
    const next = await month(14);
    const [from, to] = [next.replace('_', '-'), (await month(15)).replace('_', '-')];
    await bench.admin.query(`CREATE TABLE data_ingestion.market_data_half PARTITION OF data_ingestion.market_data
      FOR VALUES FROM ('${from}-15Z') TO ('${to}-15Z')`);
    const outcome = await gate.run(await gate.plan('create-partitions', BARS, {flags: {months: 14}}));
    await bench.admin.query('DROP TABLE data_ingestion.market_data_half');
    expect(outcome.outcome).toBe('partial');
    expect(outcome.summary).toContain(
      `${from} failed (month ${from} of data_ingestion.market_data overlaps partition data_ingestion.market_data_half`,
    );
  });

  it('refuses what is not partitioned, and a role that may not', async () => {
    expect((await gate.plan('create-partitions', LOGS)).refusal).toBe(
      'There is no partitioned table logging.system_logs.',
    );
    const watcher = bench.gate(await bench.role(['tradetop_monitor']));
    expect((await watcher.plan('create-partitions', BARS)).refusal).toBe(
      'This role may not create partitions: connect as tradetop_operator.',
    );
  });
});

describe.each([newServer, ...oldServer])('detaching months past their retention on %s', (_name, start) => {
  let bench: Bench;
  let gate: Gate;

  beforeAll(async () => {
    bench = await makeBench(await start());
    gate = bench.gate(await bench.role(['tradetop_operator']));
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    for (const month of ['2020_01', '2020_02']) {
      await bench.admin.query(`DROP TABLE IF EXISTS data_ingestion.market_data_${month}`);
      await bench.admin.query('SELECT shared.create_monthly_partition($1, $2)', [
        'data_ingestion.market_data',
        `${month.replace('_', '-')}-01`,
      ]);
    }
    await bench.admin.query(`INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close)
      SELECT 'OLD', timestamptz '2020-01-15Z' + n * interval '1 minute', 1, 1, 1, 1 FROM generate_series(1, 30) AS n`);
  });

  const attached = async (): Promise<readonly string[]> => {
    const {rows} = await bench.admin.query(
      `SELECT right(inhrelid::regclass::text, 7) AS month FROM pg_inherits
       WHERE inhparent = 'data_ingestion.market_data'::regclass AND inhrelid::regclass::text ~ '_20[0-9_]+$' ORDER BY 1`,
    );
    return rows.map(r => r.month);
  };
  const rowsOf = async (table: string): Promise<number> =>
    (await bench.admin.query(`SELECT count(*)::int AS n FROM data_ingestion.${table}`)).rows[0].n;

  it('shows the months first, then detaches them with their rows, and no newer ones', async () => {
    const before = await attached();
    const plan = await gate.plan('detach-partitions', BARS, {flags: {days: 365}});
    const facts = Object.fromEntries(plan.facts.map(f => [f.label, f.value]));
    expect(facts).toMatchObject({ended: 'more than 365 days ago', months: '2020-01, 2020-02'});
    expect(facts.lock).toContain('AccessExclusive, briefly');
    expect(plan.sql).toHaveLength(1);
    expect(plan.sql[0]).toContain(`shared.detach_old_partitions(365::integer, '"data_ingestion"."market_data"')`);
    expect(await attached()).toEqual(before);
    expect(await gate.run(plan)).toMatchObject({
      outcome: 'done',
      summary:
        '2 months detached: 2020-01 is now data_ingestion.market_data_2020_01; 2020-02 is now data_ingestion.market_data_2020_02.',
    });
    expect(await attached()).toEqual(before.filter(month => !month.startsWith('2020')));
    expect([await rowsOf('market_data_2020_01'), await rowsOf('market_data')]).toEqual([30, 0]);
    const again = await gate.plan('detach-partitions', BARS, {flags: {days: 365}});
    expect(again.sql).toEqual([]);
    expect(await gate.run(again)).toMatchObject({outcome: 'done', summary: 'No month ended more than 365 days ago.'});
  });

  it('detaches nothing while somebody reads the table, and reports who', async () => {
    const reader = await bench.session();
    await reader.query('BEGIN; SELECT FROM data_ingestion.market_data LIMIT 1');
    const before = await attached();
    const outcome = await gate.run(await gate.plan('detach-partitions', BARS, {flags: {days: 365}}));
    await reader.query('COMMIT');
    expect(outcome).toMatchObject({
      outcome: 'skipped',
      summary: expect.stringMatching(
        /^Failed, no month was detached: could not get the lock within 1 s in any of 5 attempts: held by pid \d+ \(postgres/,
      ),
    });
    expect(await attached()).toEqual(before);
  });

  it.each([
    [BARS, {}, 'No retention is given. Add --days N'],
    [BARS, {flags: {days: 0}}, 'A retention is at least 1 day, not 0.'],
    [BARS, {flags: {days: -1}}, 'A retention is at least 1 day, not -1.'],
    [LOGS, {flags: {days: 1}}, 'There is no partitioned table logging.system_logs.'],
  ])('of %j by %j is refused with the reason', async (target: Target, options, words) => {
    const plan = await gate.plan('detach-partitions', target, options);
    expect(plan.refusal).toContain(words);
    const before = await attached();
    expect(await gate.run(plan)).toMatchObject({refused: true});
    expect(await attached()).toEqual(before);
  });

  it('is refused to a role without the right', async () => {
    const watcher = bench.gate(await bench.role(['tradetop_monitor']));
    expect((await watcher.plan('detach-partitions', BARS, {flags: {days: 1}})).refusal).toBe(
      'This role may not detach partitions: connect as tradetop_operator.',
    );
  });
});
