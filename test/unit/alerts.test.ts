import {describe, expect, it} from 'vitest';
import {watchAlerts} from '../../src/alerts/alerts.ts';
import {healthRows} from '../../src/alerts/health.ts';
import {wantingAttention} from '../../src/alerts/wanting.ts';
import type {Failure} from '../../src/core/errors.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import type {State} from '../../src/model/state.ts';
import type {BlockerRow} from '../../src/monitor/blockers.ts';
import type {RedisRow} from '../../src/monitor/redis.ts';
import type {RunningRow} from '../../src/monitor/running.ts';
import type {Held} from '../../src/monitor/sample.ts';
import type {ServerRow} from '../../src/monitor/server.ts';
import type {SessionsRow} from '../../src/monitor/sessions.ts';
import type {StatementsInfoRow} from '../../src/monitor/statements.ts';
import {BUS, bar, blocker, ingested, order, position, rates, syncRow, trade, worker} from '../helpers/state/screen.ts';
import {good, NOW, stateOf} from '../helpers/state/state.ts';

const text = (words: string) => sanitise(words);
const ago = (seconds: number) => NOW - seconds * 1e6;

const serverRow = (more: Partial<ServerRow> = {}): ServerRow => ({
  version: text('18.4'),
  database: text('trading_system'),
  user: text('tradetop_monitor'),
  standby: false,
  startedAt: ago(8000),
  sessions: 38,
  active: 3,
  waiting: 0,
  maxConnections: 200,
  oldestXactSeconds: 4,
  sizeBytes: 1e9,
  grownBytes: 0,
  grownSeconds: 60,
  tps: 412,
  hitPercent: 99.8,
  walBytesPerSecond: 2e6,
  deadlocks: 0,
  readsAllStats: true,
  latencyMs: 1.2,
  standbys: 0,
  standbyLostAt: undefined,
  restartedAt: undefined,
  roleChangedAt: undefined,
  lastDeadlockAt: undefined,
  ...more,
});
const sessionsRow = (more: Partial<SessionsRow> = {}): SessionsRow => ({
  service: text('strategy_engine'),
  database: text('trading_system'),
  sessions: 2,
  active: 1,
  idle: 1,
  idleApplication: undefined,
  idleAlike: 0,
  idleInTransaction: 0,
  idleInTransactionSeconds: 0,
  idleInTransactionPid: undefined,
  idleInTransactionStart: undefined,
  waiting: 0,
  untracked: 0,
  blockedSeconds: 0,
  blockedBy: undefined,
  blockedByService: undefined,
  ofDesk: true,
  ...more,
});
const runningRow = (pid: number, seconds: number): RunningRow => ({
  pid,
  backendStart: 1,
  service: text('analytics'),
  application: text(''),
  database: text('trading_system'),
  state: text('active'),
  wait: undefined,
  blockedBy: [],
  seconds,
  query: text('SELECT pg_sleep(100)'),
});
const redisRow = (more: Partial<RedisRow> = {}): RedisRow => ({
  version: text('7.0.15'),
  role: text('master'),
  uptimeSeconds: 100,
  clients: 4,
  memoryBytes: 50,
  maxMemoryBytes: 0,
  evicted: 0,
  outputBufferCuts: undefined,
  subscribers: 3,
  latencyMs: 0.3,
  restartedAt: undefined,
  lastEvictionAt: undefined,
  lastCutAt: undefined,
  lastSlowAt: undefined,
  replicaLostAt: undefined,
  largestBufferBytes: 0,
  persistence: undefined,
  replication: undefined,
  lastSlow: undefined,
  peakBytes: 20_971_520,
  blockedClients: 1,
  commandsPerSecond: 240,
  savedAt: undefined,
  unsavedChanges: 1204,
  appendOnly: false,
  slowCount: undefined,
  replicas: 0,
  ...more,
});
const info = (more: Partial<StatementsInfoRow> = {}): StatementsInfoRow => ({
  statements: 1,
  dealloc: 0,
  statsReset: undefined,
  intervalSeconds: 2,
  lastDeallocAt: undefined,
  ...more,
});
const failing = <Row>(why: Failure['why'], message: string, seconds: number, rows: readonly Row[] = []): Held<Row> => {
  const failure = {why, message, next: 'Fix it.', retry: why === 'down' || why === 'timeout'};
  const state = why === 'denied' ? 'denied' : why === 'not_set_up' || why === 'unsupported' ? 'unsupported' : 'down';
  return {
    ...good(...rows),
    state,
    failure,
    failingSince: ago(seconds),
    retryAt: NOW + 4e6,
    lastFailure: {at: NOW, failure},
  };
};
const well = {server: good(serverRow()), redis: good(redisRow())};
const told = (state: State) => watchAlerts(state).alerts.map(a => `${a.severity} ${a.id}: ${a.text}`);
const ids = (state: State) => watchAlerts(state).alerts.map(a => a.id);

describe('alerts', () => {
  it('are absent while nothing is wrong, and before the first readings', () => {
    expect(watchAlerts(stateOf()).alerts).toEqual([]);
    expect(
      watchAlerts(stateOf({...well, sessions: good(sessionsRow()), statements_info: good(info())})).alerts,
    ).toEqual([]);
  });

  const blocking = (seconds: number, more: Partial<BlockerRow> = {}) =>
    stateOf({...well, sessions: good(), blockers: good(blocker({seconds, ...more}))});

  it('say who blocks how many, for how long, and what it does', () => {
    const [alert] = watchAlerts(blocking(8)).alerts;
    expect(alert).toMatchObject({
      severity: 'warn',
      text: 'pid 4077 (analytics, report) blocks 5 others for 8s: idle in transaction for 3m, last UPDATE execution.positions SET version = version',
      since: ago(8),
      row: {pane: 'sessions', key: alert?.subject},
    });
    const severity = (seconds: number) => watchAlerts(blocking(seconds)).alerts[0]?.severity;
    expect([5, 5.1, 60, 61].map(severity)).toEqual([undefined, 'warn', 'warn', 'crit']);
    const prepared = {pid: 0, backendStart: 0, blocks: 1, state: text(''), stateSeconds: undefined};
    expect(told(blocking(8, prepared))).toEqual([
      'warn blocked:0/0: A prepared transaction blocks 1 other for 8s: prepared, and neither committed nor rolled back',
    ]);
  });

  it('count the root of a blocking tree, and not its own idleness nor its victims', () => {
    const state = stateOf({
      ...well,
      blockers: good(blocker({seconds: 90})),
      sessions: good(sessionsRow({idleInTransaction: 1, idleInTransactionSeconds: 180, idleInTransactionPid: 4077})),
      running: good({...runningRow(4121, 80), blockedBy: [4077]}),
    });
    const {alerts} = watchAlerts(state);
    expect(alerts.map(a => [a.rule, a.causedBy === alerts[0]?.id])).toEqual([
      ['blocked', false],
      ['long', true],
      ['idle_tx', true],
    ]);
  });

  it('name a feed that died before the console began: no trade, and a source of which nothing is said', () => {
    const dead = stateOf({
      ...well,
      trades: good(trade(0, {executedAt: ago(200)})),
      order_rates: good(rates('pairs'), rates('momentum')),
      orders: good(order(0, {timeInForce: text('ioc'), idleSeconds: 190})),
      market_data: good(...[0, 1, 2, 3, 4, 5].map(n => bar(n, {ageSeconds: 200}))),
      ingestion: good(...[0, 1].map(n => ingested(n, {silentSeconds: 190, barSeconds: 200}))),
      positions: good(position(0, {markAt: ago(200)})),
    });
    const channels = BUS.channels.map(channel => ({...channel, lastAt: undefined}));
    const {alerts} = watchAlerts({...dead, bus: {...BUS, tape: [], channels}});
    expect(alerts.map(({id, causedBy}) => [id, causedBy])).toEqual([
      ['trading_stopped', undefined],
      ['order_unfilled', 'trading_stopped'],
      ['ingestion_silent:vendor-a', undefined],
      ['stale_marks', 'ingestion_silent:vendor-a'],
      ['bar_late:all', 'ingestion_silent:vendor-a'],
      ['ingestion_late:vendor-a', 'ingestion_silent:vendor-a'],
    ]);
    expect(alerts[0]?.text).toBe('No trade for 3m20s, usual 105.6/min');
    // Where a channel was heard, its silence says it; and where few trades are usual, their absence says nothing.
    const heard = {
      ...BUS,
      tape: [],
      channels: BUS.channels.map(channel => ({...channel, lastAt: ago(200), usualSeconds: 1})),
    };
    expect(wantingAttention(watchAlerts({...dead, bus: heard}).alerts).map(({rule}) => rule)).toEqual(
      channels.map(() => 'silence_channel'),
    );
    const quiet = {...dead, samples: {...dead.samples, order_rates: good(rates('pairs', {fills: 0, usualFills: 80}))}};
    expect(watchAlerts({...quiet, bus: {...BUS, tape: [], channels}}).alerts.map(({rule}) => rule)).not.toContain(
      'trading_stopped',
    );
  });

  it('count what a service that waits for a lock does not do as effects of the session that holds it', () => {
    const waits = sessionsRow({service: text('execution'), waiting: 7, blockedSeconds: 9, blockedBy: 4121});
    const state = stateOf({
      ...well,
      blockers: good(blocker({seconds: 9, victims: [4121, 1, 2, 3, 4, 5, 6, 7]})),
      sessions: good(waits),
      running: good(...[1, 2, 3, 4, 5, 6, 7].map(pid => runningRow(pid, 11))),
      orders: good(order(0, {status: text('pending'), idleSeconds: 31})),
    });
    const channel = {
      ...(BUS.channels[0] as (typeof BUS.channels)[number]),
      lastAt: ago(40),
      usualSeconds: 1,
      service: text('execution'),
    };
    const {alerts} = watchAlerts({...state, bus: {...state.bus, channels: [channel]}});
    expect(alerts.map(({rule}) => rule).toSorted()).toEqual([
      'blocked',
      ...Array.from({length: 6}, () => 'long'),
      'order_pending',
      'silence_channel',
    ]);
    expect(wantingAttention(alerts).map(({rule}) => rule)).toEqual(['blocked']);
    // What others do not do is no effect of it.
    const [other] = watchAlerts({
      ...state,
      bus: {...state.bus, channels: [{...channel, service: text('risk')}]},
    }).alerts.filter(({rule}) => rule === 'silence_channel');
    expect(other?.causedBy).toBeUndefined();
  });

  it('count what waits for a full disk, and the end of the server by it, as effects of it', () => {
    const failure = {why: 'down', message: 'connection refused', next: '', retry: true} as const;
    const silent = syncRow({workers: [worker({silentSeconds: 90})]});
    const disk = good({fullSince: ago(80)});
    const both = watchAlerts(stateOf({...well, disk, sync: good(silent)}));
    expect(both.alerts.map(a => [a.rule, a.causedBy, a.since])).toEqual([
      ['disk_full', undefined, ago(80)],
      ['sync_silent', 'disk_full', expect.anything()],
    ]);
    expect(wantingAttention(both.alerts).map(({rule}) => rule)).toEqual(['disk_full']);
    const server = {...good(serverRow()), state: 'down', failure, failingSince: ago(9)} as const;
    const ended = watchAlerts(stateOf({...well, disk, server}));
    expect(ended.alerts.map(a => [a.rule, a.causedBy])).toEqual([
      ['disk_full', undefined],
      ['pg_down', 'disk_full'],
    ]);
    // A login may say it, too.
    const refused = {...server, failure: {...failure, fullDisk: true}};
    expect(told(stateOf({...well, server: refused}))).toEqual([
      'crit disk_full: PostgreSQL’s disk is full: connection refused',
    ]);
  });

  it('keep their start time while they last, and get a new one when they return', () => {
    const first = watchAlerts(blocking(8));
    // Another session waits now, for a shorter time: the alert is still the same.
    const second = watchAlerts({...blocking(6), at: NOW + 9e6}, first);
    expect(second.alerts[0]?.since).toBe(ago(8));
    expect(second.alerts[0]?.text).toContain('for 6s');
    const gone = watchAlerts({...blocking(0), at: NOW + 20e6}, second);
    expect(gone.alerts).toEqual([]);
    expect(watchAlerts({...blocking(6), at: NOW + 30e6}, gone).alerts[0]?.since).toBe(NOW + 24e6);
  });

  it('put the worst first, then the oldest', () => {
    const state = stateOf(
      {
        server: good(serverRow({sessions: 199, oldestXactSeconds: 700})),
        blockers: good(blocker({seconds: 90, blocks: 1, stateSeconds: 2, query: text('SELECT 1')})),
        sessions: good(
          sessionsRow({
            service: text('execution'),
            idleInTransaction: 1,
            idleInTransactionSeconds: 200,
            idleInTransactionPid: 77,
          }),
        ),
      },
      {
        link: {
          state: 'down',
          since: ago(41),
          error: text('ECONNREFUSED'),
          retryAt: undefined,
          drops: 1,
          latencyMs: undefined,
        },
      },
    );
    expect(told(state)).toEqual([
      expect.stringContaining('crit blocked:4077/'),
      'crit bus_down: No subscription to the bus: ECONNREFUSED',
      'crit sessions_full: 199 of 200 connections are in use',
      'warn oldest_xact: A transaction has been open for 11m40s: VACUUM cannot remove rows that died since then',
      'warn idle_tx:trading_system/execution: execution (pid 77) idle in a transaction for 3m20s',
    ]);
  });

  it('lead from a full server to who holds the most idle sessions', () => {
    const services = [
      sessionsRow({idleAlike: 3, service: text('execution')}),
      sessionsRow({idleAlike: 60, idleApplication: text('signal-worker')}),
    ];
    const full = (...rows: readonly SessionsRow[]) =>
      watchAlerts(stateOf({server: good(serverRow({sessions: 199})), sessions: good(...rows)})).alerts[0];
    expect(full(...services)).toMatchObject({
      text: '199 of 200 connections are in use, 60 of them idle ones of strategy_engine (signal-worker)',
      row: {
        pane: 'sessions',
        where: {service: 'strategy_engine', database: 'trading_system', application: 'signal-worker', state: 'idle'},
      },
    });
    expect(full(sessionsRow({idleAlike: 1}))?.row).toEqual({pane: 'server', key: 'figure connections'});
  });

  it('ignore the stale rows of a server that does not answer', () => {
    const state = stateOf({
      server: failing('down', 'connect ECONNREFUSED', 41, [serverRow({sessions: 200})]),
      sessions: failing('down', 'connect ECONNREFUSED', 41, [sessionsRow({blockedSeconds: 90})]),
      trades: failing('down', 'connect ECONNREFUSED', 41),
      running: failing('down', 'connect ECONNREFUSED', 41, [runningRow(1, 900)]),
    });
    expect(watchAlerts(state).alerts).toMatchObject([
      {id: 'pg_down', severity: 'crit', text: 'PostgreSQL does not answer: connect ECONNREFUSED', since: ago(41)},
    ]);
  });

  it('name a refusal, a missing set-up, and a single source that fails', () => {
    expect(ids(stateOf({server: failing('denied', 'password', 3)}))).toEqual(['pg_denied']);
    expect(told(stateOf({...well, trades: failing('not_set_up', 'no table', 3)}))).toEqual([
      'crit not_set_up: The trading database is not set up (no table): run tradetop setup',
    ]);
    expect(ids(stateOf({...well, positions: failing('denied', 'hidden', 3)}))).toEqual(['denied:positions']);
    expect(ids(stateOf({...well, sessions: failing('timeout', 'slow', 3)}))).toEqual([]);
    expect(ids(stateOf({...well, sessions: failing('timeout', 'slow', 30)}))).toEqual(['down:sessions']);
    expect(ids(stateOf({...well, trades: {...good(), state: 'stale', staleAt: ago(3)}}))).toEqual(['stale:trades']);
    expect(told(stateOf({...well, prefect: failing('down', 'gone', 3)}))).toEqual([
      'warn prefect_down: Prefect’s database does not answer: gone',
    ]);
    expect(ids(stateOf({...well, prefect: failing('not_set_up', 'no database', 3)}))).toEqual([]);
  });

  it('name missed trades and rejected messages while they are recent', () => {
    const reject = {
      reason: 'bad_data',
      channel: text('data_sync:trades'),
      detail: text('data.price: wrong'),
      text: text('{}'),
      bytes: 2,
    } as const;
    const bus = (seconds: number) => ({
      missed: 3,
      lastMissedAt: ago(seconds),
      rejected: 12,
      lastReject: {...reject, at: ago(seconds)},
    });
    expect(told(stateOf({...well, trades: good()}, bus(10)))).toEqual([
      'warn bus_missed: 3 trades in execution.trades did not arrive on the bus',
      'warn bus_rejected: 12 messages rejected; the last on data_sync:trades: data.price: wrong',
    ]);
    expect(ids(stateOf({...well, trades: good()}, bus(120)))).toEqual(['bus_missed']);
    expect(ids(stateOf({...well, trades: good()}, bus(700)))).toEqual([]);
  });

  it('name a subscription that is refused, and one that takes too long', () => {
    const link = {since: ago(20), error: undefined, retryAt: undefined, drops: 0, latencyMs: undefined} as const;
    expect(ids(stateOf(well, {link: {...link, state: 'denied'}}))).toEqual(['bus_denied']);
    expect(ids(stateOf(well, {link: {...link, state: 'connecting'}}))).toEqual(['bus_down']);
    expect(ids(stateOf(well, {link: {...link, state: 'connecting', since: ago(2)}}))).toEqual([]);
  });

  it('name Redis once, and its memory, evictions, disconnected clients and restart', () => {
    const down = failing<RedisRow>('down', 'ECONNREFUSED', 5);
    expect(ids(stateOf({...well, redis: down}))).toEqual(['redis_down']);
    const link = {
      state: 'down',
      since: ago(5),
      error: undefined,
      retryAt: undefined,
      drops: 1,
      latencyMs: undefined,
    } as const;
    expect(ids(stateOf({...well, redis: down}, {link}))).toEqual(['bus_down']);
    const row = redisRow({
      maxMemoryBytes: 53,
      lastEvictionAt: ago(9),
      lastCutAt: ago(8),
      restartedAt: ago(7),
      evicted: 5,
      outputBufferCuts: 1,
    });
    expect(told(stateOf({...well, redis: good(row)}))).toEqual([
      'warn redis_evicting: Redis evicts keys because its memory is full: 5 so far',
      'warn redis_cut: Redis disconnected a client that read too slowly: 1 so far',
      'warn redis_restart: Redis was restarted',
      'warn redis_memory: Redis uses 94 % of its memory limit, 53 B',
    ]);
    expect(
      ids(
        stateOf({...well, redis: good(redisRow({lastEvictionAt: ago(61), lastCutAt: ago(61), restartedAt: ago(601)}))}),
      ),
    ).toEqual([]);
  });

  it('name what happened to the server, and what it hides from us', () => {
    const row = serverRow({
      restartedAt: ago(5),
      roleChangedAt: ago(4),
      standby: true,
      lastDeadlockAt: ago(3),
      deadlocks: 2,
      readsAllStats: false,
    });
    expect(told(stateOf({...well, server: good(row), statements_info: good(info({lastDeallocAt: ago(6)}))}))).toEqual([
      'warn statements_dealloc: pg_stat_statements evicts entries: the list is not complete. Raise pg_stat_statements.max',
      'warn pg_restart: PostgreSQL was restarted',
      'warn pg_role: The server became a standby: it accepts no writes',
      'warn deadlock: PostgreSQL resolved a deadlock: 2 so far',
      'warn reads_all_stats: Role tradetop_monitor does not see what other roles do: GRANT pg_read_all_stats TO it',
    ]);
  });

  it('name a lost standby', () => {
    expect(told(stateOf({...well, server: good(serverRow({standbys: 1, standbyLostAt: ago(41)}))}))).toEqual([
      'crit standby_lost: A standby no longer receives from the server: 1 left',
    ]);
  });

  it('name a few long queries one by one, and count the others', () => {
    const rows = [700, 12, 10, 11, 14, 15, 16, 17].map((seconds, i) => runningRow(i, seconds));
    const alerts = told(stateOf({...well, running: good(...rows)}));
    expect(alerts).toHaveLength(6);
    expect(alerts[0]).toBe('crit long:0/1: analytics (pid 0) has run for 11m40s: SELECT pg_sleep(100)');
    expect(alerts.at(-1)).toBe('warn long:more: 2 more queries run too long');
  });

  it('are no more than two hundred', () => {
    const rows = Array.from({length: 300}, (_, i) =>
      sessionsRow({service: text(`s${i}`), idleInTransactionSeconds: 90}),
    );
    expect(watchAlerts(stateOf({...well, sessions: good(...rows)})).alerts).toHaveLength(200);
  });
});

describe('the rows of the health pane', () => {
  const brief = (state: State) => healthRows(state).map(r => [r.key, r.severity, r.state, r.note ?? ''].join(' | '));

  it('are one for every connection, each waiting at first', () => {
    expect(brief(stateOf())).toEqual([
      'pool:trading | warn | waiting | no answer yet',
      'database:prefect | warn | waiting | no answer yet',
      'redis | warn | waiting | no answer yet',
      'bus | ok | ok | 0/min, 0 missed, 0 rejected',
    ]);
  });

  it('show the use of each pool, the latency and the state of each service', () => {
    const rows = [
      sessionsRow({
        service: text('execution'),
        sessions: 6,
        idle: 5,
        active: 0,
        idleInTransaction: 1,
        idleInTransactionSeconds: 3,
        idleInTransactionPid: 4140,
      }),
      sessionsRow({blockedSeconds: 8, blockedBy: 4121, blockedByService: text('analytics'), waiting: 1}),
      sessionsRow({service: text('prefect'), database: text('prefect')}),
    ];
    const prefect = {initialised: true, lateRuns: 4, runningRuns: 1, failedRuns: 0, latencyMs: 2};
    const state = stateOf({...well, sessions: good(...rows), prefect: good(prefect)}, {perMinute: 612});
    expect(brief(state)).toEqual([
      'pool:trading | ok | ok | 38/200 server',
      'service:trading_system/execution | ok | idle in tx | pid 4140 idle in tx 3s, 6 sessions',
      'service:trading_system/strategy_engine | warn | blocked | by 4121 (analytics), blocked 8s, 2 sessions',
      'service:prefect/prefect | ok | active | 2 sessions',
      'database:prefect | warn | late runs | 4 late, 1 running, 0 failed in 24h',
      'redis | ok | ok | 3 subscribers, 0 evicted',
      'bus | ok | ok | 612/min, 0 missed, 0 rejected',
    ]);
    expect(healthRows(state)[0]).toMatchObject({kind: 'pool', inUse: 0, idle: 1, waiting: 0, max: 1, latencyMs: 1.2});
    expect(healthRows(state)[1]).toMatchObject({kind: 'service', inUse: 1, idle: 5, max: undefined, since: ago(3)});
    expect(healthRows(state)[3]?.name).toBe('prefect: prefect');
  });

  it('say why a connection does not answer, since when, and when the next try is', () => {
    const state = stateOf(
      {
        server: failing('down', 'connect ECONNREFUSED', 41, [serverRow()]),
        sessions: failing('down', 'x', 41),
        redis: failing('denied', 'NOAUTH', 9),
      },
      {
        link: {
          state: 'down',
          since: ago(9),
          error: text('closed'),
          retryAt: NOW + 2.5e6,
          drops: 2,
          latencyMs: undefined,
        },
      },
    );
    const rows = healthRows(state);
    expect(brief(state)).toEqual([
      'pool:trading | crit | down | retry in 4s',
      'database:prefect | warn | waiting | no answer yet',
      'redis | crit | denied | Fix it.',
      'bus | crit | down | 2 drops, retry in 3s',
    ]);
    expect(rows[0]).toMatchObject({lastError: 'connect ECONNREFUSED', since: ago(41), latencyMs: undefined, inUse: 0});
    expect(rows[3]).toMatchObject({lastError: 'closed', since: ago(9)});
  });

  it('keep the last error when it is over', () => {
    const lastFailure = {
      at: ago(30),
      failure: {why: 'down', message: 'connect ECONNREFUSED', next: '', retry: true},
    } as const;
    const [row] = healthRows(stateOf({server: {...good(serverRow()), lastFailure}}));
    expect(row).toMatchObject({severity: 'ok', state: 'ok', lastError: 'connect ECONNREFUSED', lastErrorAt: ago(30)});
  });

  it('do not say that all is well where no activity is tracked', () => {
    const rows = [sessionsRow({untracked: 2, active: 0, idle: 0}), sessionsRow({service: text('one'), untracked: 1})];
    const [, none, part] = healthRows(stateOf({...well, sessions: good(...rows)}));
    const words = (n: number) => `track_activities is off for ${n}: what they do is not known, 2 sessions`;
    expect(none).toMatchObject({
      severity: 'warn',
      state: 'not tracked',
      inUse: undefined,
      idle: undefined,
      note: words(2),
    });
    expect(part).toMatchObject({severity: 'warn', state: 'not tracked', inUse: 1, note: words(1)});
  });

  it('say that services are hidden, and that Prefect has no tables', () => {
    const prefect = {initialised: false, lateRuns: 0, runningRuns: 0, failedRuns: 0, latencyMs: 2};
    const state = stateOf({...well, sessions: failing('denied', 'hidden', 9), prefect: good(prefect)});
    expect(brief(state).slice(1, 3)).toEqual([
      'services | warn | denied | Fix it.',
      'database:prefect | ok | no tables | Prefect has not made its tables yet',
    ]);
  });

  it('have keys of their own', () => {
    const rows = [sessionsRow(), sessionsRow({database: text('prefect')}), sessionsRow({service: text('redis')})];
    const keys = healthRows(stateOf({...well, sessions: good(...rows)})).map(r => r.key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
