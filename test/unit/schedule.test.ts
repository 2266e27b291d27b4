import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import type {Gate} from '../../src/actions/gate.ts';
import type {Outcome, Plan} from '../../src/actions/plan.ts';
import type {ScheduleSettings} from '../../src/config/settings.ts';
import {parseMarketHours} from '../../src/core/market-hours.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {isoMicros, type Micros, nowMicros, parseMicros} from '../../src/core/time.ts';
import type {Io} from '../../src/io/io.ts';
import {loadSql} from '../../src/io/sql.ts';
import {timetableOf} from '../../src/schedule/cron.ts';
import {
  decide,
  type KnownMarket,
  type Run,
  type ScheduleView,
  slotOf,
  startOf,
  waitKey,
} from '../../src/schedule/due.ts';
import type {ScheduledJob} from '../../src/schedule/job.ts';
import {JOBS} from '../../src/schedule/jobs.ts';
import {type JobRun, runJob} from '../../src/schedule/run-job.ts';
import {scheduledJobs} from '../../src/schedule/settings.ts';

const time = (text: string): Micros => parseMicros(text) as Micros;
const text = (at: Micros | undefined): string => (at === undefined ? 'never' : isoMicros(at).slice(0, 16));
const OFF = Object.fromEntries(JOBS.map(({id}) => [id, {off: true}]));

/** The only job that is on. */
function only(id: string, setting: NonNullable<ScheduleSettings['jobs']>[string], timezone = 'UTC'): ScheduledJob {
  const [job, ...more] = scheduledJobs({timezone, jobs: {...OFF, [id]: {jitterMinutes: 0, ...setting}}}, null);
  expect(more).toEqual([]);
  return job as ScheduledJob;
}
const vacuum = (setting = {}) => only('vacuum-analyze', {cron: '0 2 * * *', windowMinutes: 120, ...setting});

const runOf = (job: string, dueAt: string, change: Partial<Run> = {}): Run => ({
  job,
  dueAt: time(dueAt),
  startBy: time(dueAt) + 7_200e6,
  stopAt: time(dueAt) + 7_200e6,
  host: undefined,
  startedAt: undefined,
  endedAt: undefined,
  outcome: undefined,
  ...change,
});
const begun = (job: string, dueAt: string, change: Partial<Run> = {}): Run =>
  runOf(job, dueAt, {host: 'a', startedAt: time(dueAt), endedAt: time(dueAt) + 60e6, outcome: 'done', ...change});

const seen = (at: string, change: Partial<ScheduleView> = {}): ScheduleView => ({
  at: time(at),
  host: 'a',
  jobs: [vacuum()],
  hours: 'unknown',
  runs: [],
  ...change,
});
const dueOf = (state: ScheduleView) => decide(state).due.map(({job, slot}) => `${job.id} ${text(slot.dueAt)}`);
const HOURS = parseMarketHours({
  timezone: 'America/New_York',
  sessions: {'mon-fri': '09:30-16:00'},
}) as KnownMarket;

describe('a cron expression', () => {
  it('is due by the clock of its time zone, once when the clocks go back and at once when they go forward', () => {
    const london = timetableOf('30 1 * * *', 'Europe/London');
    const dues = (from: string, n: number) => {
      const times = [time(from)];
      for (let i = 0; i < n; i++) times.push(london.next(times[i] as Micros) as Micros);
      return times.slice(1).map(text);
    };
    // 01:00 to 02:00 does not exist on the 29th of March, and comes twice on the 25th of October.
    expect(dues('2026-03-28T00:00Z', 3)).toEqual(['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30']);
    expect(dues('2026-10-24T00:00Z', 3)).toEqual(['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30']);
  });

  it('was last due at or before a time', () => {
    const hourly = timetableOf('0 * * * *', 'UTC');
    expect(text(hourly.last(time('2026-11-26T10:00:00Z')))).toBe('2026-11-26T10:00');
    expect(text(hourly.last(time('2026-11-26T10:00:00.9Z')))).toBe('2026-11-26T10:00');
    expect(text(hourly.last(time('2026-11-26T09:59:59.999999Z')))).toBe('2026-11-26T09:00');
    expect(text(hourly.next(time('2026-11-26T10:00:00Z')))).toBe('2026-11-26T11:00');
  });

  it.each([
    ['61 * * * *', 'UTC'],
    ['* * *', 'UTC'],
    ['0 0 * * * *', 'UTC'],
    ['0 0 30 2 *', 'UTC'],
    ['2026-11-26T10:00:00', 'UTC'],
    ['', 'UTC'],
    ['0 2 * * *', 'Mars/Olympus'],
  ])('is refused where it is not one: %s in %s', (expression, zone) => {
    expect(() => timetableOf(expression, zone)).toThrow(/^The cron expression .* cannot be used: .+\.$/);
  });
});

describe('what is due', () => {
  it('begins when it is due and ends with the grace', () => {
    const short = {jobs: [vacuum({graceMinutes: 30})]};
    expect(dueOf(seen('2026-11-26T01:59:59Z', short))).toEqual([]);
    expect(dueOf(seen('2026-11-26T02:00:00Z', short))).toEqual(['vacuum-analyze 2026-11-26T02:00']);
    expect(dueOf(seen('2026-11-26T02:29:59Z', short))).toEqual(['vacuum-analyze 2026-11-26T02:00']);
    expect(dueOf(seen('2026-11-26T02:30:00Z', short))).toEqual([]);
  });

  it('is not what somebody has begun or closed, whatever the clocks do afterwards', () => {
    const runs = [begun('vacuum-analyze', '2026-11-26T02:00Z')];
    expect(dueOf(seen('2026-11-26T02:30Z', {runs}))).toEqual([]);
    expect(dueOf(seen('2026-11-26T02:00Z', {runs}))).toEqual([]);
    const missed = [runOf('vacuum-analyze', '2026-11-26T02:00Z', {outcome: 'missed'})];
    expect(dueOf(seen('2026-11-26T02:10Z', {runs: missed}))).toEqual([]);
    expect(dueOf(seen('2026-11-26T02:10Z', {runs: [runOf('vacuum-analyze', '2026-11-26T02:00Z')]}))).toHaveLength(1);
  });

  it('comes in the order of its times', () => {
    const jobs = scheduledJobs({jobs: {'purge-logs': {cron: '0 2 * * *'}, 'archive-logs': {cron: '30 1 * * *'}}}, null);
    const at = seen('2026-11-26T02:20Z', {jobs: jobs.filter(({id}) => id.endsWith('-logs'))});
    expect(dueOf(at)).toEqual(['archive-logs 2026-11-26T01:30', 'purge-logs 2026-11-26T02:00']);
  });

  it('starts later by a jitter, which is the same at every look and differs by host and time', () => {
    const job = vacuum({jitterMinutes: 60});
    const dueAt = time('2026-11-26T02:00Z');
    const starts = ['a', 'b', 'c', 'd'].map(host => slotOf(job, dueAt, host).startAt);
    expect(new Set(starts).size).toBe(4);
    expect(slotOf(job, dueAt, 'a').startAt).toBe(starts[0]);
    expect(slotOf(job, time('2026-11-27T02:00Z'), 'a').startAt - time('2026-11-27T02:00Z')).not.toBe(
      (starts[0] as Micros) - dueAt,
    );
    for (const start of starts) expect(start - dueAt).toBeLessThan(3600e6);
    const at = isoMicros((starts[0] as Micros) - 1);
    const [waiting] = decide(seen(at, {jobs: [job]})).waiting;
    expect([dueOf(seen(at, {jobs: [job]})), waiting?.job]).toEqual([[], 'vacuum-analyze']);
    expect(decide(seen(at, {jobs: [job]})).lookAt).toBe(starts[0]);
    expect(dueOf(seen(isoMicros(starts[0] as Micros), {jobs: [job]}))).toHaveLength(1);
  });

  it('waits for the market to close, where its hours are known and the job cares', () => {
    // 20:30 UTC is 15:30 in New York.
    const setting = {cron: '30 20 * * *', windowMinutes: 120};
    const job = vacuum(setting);
    const open = seen('2026-11-26T20:45Z', {jobs: [job], hours: HOURS});
    expect(dueOf(open)).toEqual([]);
    expect(decide(open).waiting[0]?.why).toBe('The market is open.');
    expect(dueOf({...open, at: time('2026-11-26T21:00Z')})).toHaveLength(1);
    expect(dueOf({...open, hours: 'unknown'})).toHaveLength(1);
    expect(dueOf({...open, hours: 'wrong'})).toEqual([]);
    expect(dueOf({...open, jobs: [vacuum({...setting, market: 'any'})]})).toHaveLength(1);
    const slot = slotOf(job, time('2026-11-26T20:30Z'), 'a');
    expect(text(startOf(job, slot, HOURS, slot.dueAt))).toBe('2026-11-26T21:00');
    const short = vacuum({...setting, windowMinutes: 20});
    expect(startOf(short, slotOf(short, slot.dueAt, 'a'), HOURS, slot.dueAt)).toBeUndefined();
  });

  it('does not run twice where a run takes longer than the interval', () => {
    const jobs = [only('analyze', {cron: '0 * * * *', windowMinutes: 50, limitMinutes: 180})];
    const stopAt = time('2026-11-26T05:00Z');
    const long = begun('analyze', '2026-11-26T02:00Z', {stopAt, endedAt: time('2026-11-26T03:10Z')});
    const decision = decide(seen('2026-11-26T03:11Z', {jobs, runs: [long]}));
    expect(decision.due).toEqual([]);
    expect(decision.closed).toMatchObject([
      {job: 'analyze', outcome: 'skipped', why: 'The run before was still under way.'},
    ]);
    const underWay = begun('analyze', '2026-11-26T02:00Z', {stopAt, endedAt: undefined, outcome: undefined});
    expect(decide(seen('2026-11-26T03:05Z', {jobs, runs: [underWay]})).due).toEqual([]);
    expect(dueOf(seen('2026-11-26T04:00Z', {jobs, runs: [long]}))).toHaveLength(1);
    // One that was killed, and whose end nobody has seen, holds up nothing once it must have ended.
    const killed = {...underWay, stopAt: time('2026-11-26T02:50Z')};
    expect(dueOf(seen('2026-11-26T03:05Z', {jobs, runs: [killed]}))).toHaveLength(1);
  });

  it('was missed when its grace has passed, or it is due again, and nobody has begun', () => {
    const runs = [runOf('vacuum-analyze', '2026-11-26T02:00Z')];
    expect(decide(seen('2026-11-26T03:59Z', {runs})).closed).toEqual([]);
    const [missed] = decide(seen('2026-11-26T04:00Z', {runs})).closed;
    expect(missed).toMatchObject({outcome: 'missed', why: expect.stringMatching(/^No scheduler was running/)});
    const waited = new Map([[waitKey('vacuum-analyze', time('2026-11-26T02:00Z')), 'The market is open.']]);
    expect(decide(seen('2026-11-26T04:00Z', {runs}), waited).closed[0]?.why).toBe('The market is open.');
    const jobs = [only('analyze', {cron: '0 * * * *', windowMinutes: 120})];
    const overtaken = decide(seen('2026-11-26T03:05Z', {jobs, runs: [runOf('analyze', '2026-11-26T02:00Z')]}));
    expect(overtaken.closed).toMatchObject([{outcome: 'missed'}]);
    expect(overtaken.due.map(({slot}) => text(slot.dueAt))).toEqual(['2026-11-26T03:00']);
    // A job that is off misses nothing.
    expect(decide(seen('2026-11-27T04:00Z', {jobs: [], runs})).closed).toEqual([]);
  });

  it('is planned anew only where the plan differs', () => {
    const planned = runOf('vacuum-analyze', '2026-11-26T02:00Z');
    const differs = (runs: readonly Run[], jobs = [vacuum()]) =>
      decide(seen('2026-11-26T01:00Z', {runs, jobs})).differs;
    expect(differs([planned])).toBe(false);
    expect(differs([])).toBe(true);
    expect(differs([planned, runOf('vacuum-analyze', '2026-11-26T05:00Z')])).toBe(true);
    expect(differs([{...planned, stopAt: planned.stopAt + 1}])).toBe(true);
    expect(differs([planned], [])).toBe(true);
    expect(differs([begun('analyze', '2026-11-26T05:00Z')], [])).toBe(false);
  });

  it('is looked for again at the next time that matters, at least every minute', () => {
    expect(decide(seen('2026-11-26T01:59:30Z')).lookAt).toBe(time('2026-11-26T02:00Z'));
    expect(decide(seen('2026-11-26T05:00Z')).lookAt).toBe(time('2026-11-26T05:01Z'));
  });
});

describe('the schedule’s settings', () => {
  it('are the file’s, else the database’s, else the job’s own, each by itself', () => {
    const database = JSON.stringify({
      timezone: 'Europe/Paris',
      jobs: {analyze: {cron: '0 3 * * *', limitMinutes: 7}, 'vacuum-analyze': {off: true}},
      retention: {
        'logging.performance_logs': 7,
        'logging.archived_system_logs': 'keep',
        'execution.archived_trades': 400,
      },
    });
    const jobs = scheduledJobs({jobs: {analyze: {cron: '0 4 * * *'}}}, database);
    const find = (id: string) => jobs.find(job => job.id === id);
    expect(find('analyze')).toMatchObject({cron: '0 4 * * *', limitMinutes: 7, timezone: 'Europe/Paris', from: 'file'});
    expect(find('vacuum-analyze')).toBeUndefined();
    const targets = (id: string) => find(id)?.steps.map(step => step.kind === 'action' && [step.target, step.flags]);
    expect(targets('detach-partitions')).toEqual([
      [{kind: 'table', schema: 'execution', name: 'archived_trades'}, {days: 400}],
    ]);
    const purged = JSON.stringify(targets('purge-logs'));
    expect(purged).toContain('"performance_logs"},{"days":7}');
    expect(purged).not.toContain('archived_system_logs');
    // Without a retention nothing is detached, and the job is not scheduled.
    expect(scheduledJobs({}, null).map(({id}) => id)).toEqual(
      JOBS.map(({id}) => id).filter(id => id !== 'detach-partitions'),
    );
  });

  it('never touch the audit log', () => {
    expect(JSON.stringify(scheduledJobs({}, null).map(({steps}) => steps))).not.toContain('audit');
    expect(() => scheduledJobs({retention: {'shared.audit_log': 30}}, null)).toThrow(
      /retention name shared.audit_log, whose rows are kept: it is append-only/,
    );
  });

  it.each([
    [{jobs: {vacuum: {}}}, /jobs name vacuum, which there is not/],
    [{jobs: {analyse: {}}}, /analyse, which there is not\./],
    [{jobs: {analyze: {cron: 'daily'}}}, /"daily" cannot be used/],
    [{timezone: 'Nowhere'}, /cannot be used/],
    [{jobs: {analyze: {windowMinutes: 10, graceMinutes: 20}}}, /graceMinutes must not be above windowMinutes/],
    [{jobs: {analyze: {windowMinutes: 10, jitterMinutes: 10}}}, /jitterMinutes must be below graceMinutes/],
  ] as const)('are refused in a sentence: %j', (settings, message) => {
    expect(() => scheduledJobs(settings as ScheduleSettings, null)).toThrow(message);
  });

  it.each([['{"jobs": {"analyze": {"windowMinutes": "2h"}}}'], ['{"job": {}}'], ['[]'], ['"x"']])(
    'of the database are refused with their key: %s',
    json => {
      expect(() => scheduledJobs({}, json)).toThrow(/^The system setting maintenance\.schedule/);
    },
  );
});

describe('a run', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(new Date('2026-11-26T02:00:00Z'));
  });
  afterEach(() => vi.useRealTimers());

  const plan = (change: Partial<Plan> = {}): Plan =>
    ({targetName: sanitise('trading_system'), refusal: undefined, ...change}) as Plan;
  const ended = (outcome: Outcome['outcome'], summary: string): Outcome =>
    ({outcome, summary: sanitise(summary)}) as Outcome;

  /** A gate whose runs end when they are cancelled, or by `result`. */
  const gateOf = (result?: Outcome, refusal?: string): Gate =>
    ({
      plan: async () => plan({refusal: refusal === undefined ? undefined : sanitise(refusal)}),
      run: (_plan: Plan, {signal}: {signal: AbortSignal}) =>
        result !== undefined
          ? Promise.resolve(result)
          : new Promise(resolve => {
              const cancel = () => resolve(ended('cancelled', 'Cancelled: 3 of 9 tables done.'));
              if (signal.aborted) cancel();
              signal.addEventListener('abort', cancel);
            }),
    }) as unknown as Gate;
  const io = {pgVersion: () => 18, query: async () => []} as Io;
  const with_ = (gate: Gate, change: Partial<JobRun> = {}): JobRun => ({
    gate,
    io,
    sql: loadSql(),
    database: 'trading_system',
    hours: 'unknown',
    now: nowMicros,
    signal: new AbortController().signal,
    ...change,
  });
  const at = time('2026-11-26T02:00:00Z');

  it('stops at the end of its window, and at its limit, and leaves the rest to the next one', async () => {
    const long = vacuum({windowMinutes: 10, limitMinutes: 30});
    const first = runJob(long, slotOf(long, at, 'a'), with_(gateOf()));
    await vi.advanceTimersByTimeAsync(599_000);
    const early = await Promise.race([first, Promise.resolve('runs')]);
    expect(early).toBe('runs');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await first).toEqual({
      outcome: 'partial',
      detail: 'Stopped, since its window ended; the next run goes on. Cancelled: 3 of 9 tables done.',
    });
    const short = vacuum({windowMinutes: 120, limitMinutes: 5});
    const second = runJob(short, slotOf(short, nowMicros(), 'a'), with_(gateOf()));
    await vi.advanceTimersByTimeAsync(300_000);
    expect((await second).detail).toMatch(/^Stopped, since it took 5 minutes/);
  });

  it('stops when the market opens', async () => {
    // 14:30 UTC is 09:30 in New York.
    vi.setSystemTime(new Date('2026-11-26T14:29:30Z'));
    const job = vacuum({cron: '0 14 * * *'});
    const running = runJob(job, slotOf(job, time('2026-11-26T14:00Z'), 'a'), with_(gateOf(), {hours: HOURS}));
    await vi.advanceTimersByTimeAsync(40_000);
    expect((await running).detail).toMatch(/^Stopped, since the market opened; the next run goes on\./);
  });

  it('is cancelled with its scheduler', async () => {
    const stop = new AbortController();
    const job = only('purge-logs', {cron: '0 2 * * *'});
    const running = runJob(job, slotOf(job, at, 'a'), with_(gateOf(), {signal: stop.signal}));
    stop.abort('the scheduler was ended');
    const {outcome, detail} = await running;
    expect([outcome, detail.slice(0, 33)]).toEqual(['cancelled', 'Stopped: the scheduler was ended.']);
  });

  it('is as its worst step, and tells of each', async () => {
    const job = only('purge-logs', {cron: '0 2 * * *'});
    const slot = slotOf(job, at, 'a');
    const done = await runJob(job, slot, with_(gateOf(ended('done', '12 rows deleted.'))));
    expect(done.outcome).toBe('done');
    expect(done.detail).toContain('logging.performance_logs: 12 rows deleted.');
    const refused = await runJob(job, slot, with_(gateOf(undefined, 'This role may not.')));
    expect(refused.outcome).toBe('failed');
    expect(refused.detail).toContain('shared.maintenance_runs: This role may not.');
  });

  it('fails where the last backup is too old, and where that cannot be read', async () => {
    const job = only('backup-age', {cron: '0 2 * * *'});
    const slot = slotOf(job, at, 'a');
    const old = {...io, query: async () => [{object: 'x', last_backup: '2026-11-20 01:00:00+00'}]};
    expect(await runJob(job, slot, with_(gateOf(), {io: old}))).toMatchObject({
      outcome: 'failed',
      detail: expect.stringMatching(/^The last backup: 2026-11-20 01:00:00\+00\. Run: tradetop backup\./),
    });
    const denied = {...io, query: () => Promise.reject(Object.assign(new Error('permission denied'), {code: '42501'}))};
    const result = await runJob(job, slot, with_(gateOf(), {io: denied}));
    expect(result).toMatchObject({outcome: 'failed', detail: expect.stringContaining('a right is missing')});
    expect((await runJob(job, slot, with_(gateOf()))).outcome).toBe('done');
  });
});
