import {describe, expect, it} from 'vitest';
import {paneOf} from '../../components/panes/index.ts';
import {ALERT_RULES, watchAlerts} from '../../src/alerts/alerts.ts';
import {limitsInForce} from '../../src/alerts/settings.ts';
import type {Failure} from '../../src/core/errors.ts';
import {keyText, sanitise} from '../../src/core/sanitise.ts';
import type {Samples, State} from '../../src/model/state.ts';
import type {LeadPlace} from '../../src/model/ui-state.ts';
import type {BackendRow} from '../../src/monitor/backends.ts';
import type {CountersRow} from '../../src/monitor/counters.ts';
import type {IndexRow} from '../../src/monitor/indexes.ts';
import type {PartitionsRow} from '../../src/monitor/partitions.ts';
import type {RedisRow} from '../../src/monitor/redis.ts';
import type {ServerRow} from '../../src/monitor/server.ts';
import type {SessionsRow} from '../../src/monitor/sessions.ts';
import type {SettingRow} from '../../src/monitor/settings.ts';
import type {TableRow} from '../../src/monitor/tables.ts';
import {
  BUS,
  bar,
  blocker,
  CHECKS,
  COUNTERS,
  DENIED,
  DOWN,
  failing,
  figures,
  flowRun,
  gap,
  gone,
  horizon,
  ingested,
  logCounts,
  maintenance,
  NOW,
  ok,
  order,
  position,
  positionLimit,
  prefectWorker,
  quality,
  rates,
  receiver,
  riskEvent,
  riskLimit,
  running,
  SAMPLES,
  setAside,
  slot,
  stale,
  stateOf,
  syncRow,
  table,
  trade,
  worker,
  workPool,
} from '../helpers/state/screen.ts';

const ago = (seconds: number) => NOW - seconds * 1e6;
const having = (samples: Partial<Samples>): State => stateOf({samples});
const server = (change: Partial<ServerRow>) =>
  having({server: ok([{...(SAMPLES.server.rows[0] as ServerRow), ...change}])});
const redis = (change: Partial<RedisRow>) => having({redis: ok([{...(SAMPLES.redis.rows[0] as RedisRow), ...change}])});
const session = (change: Partial<SessionsRow>) =>
  having({sessions: ok([{...(SAMPLES.sessions.rows[0] as SessionsRow), ...change}])});
const sync = (change: Parameters<typeof syncRow>[0]) => having({sync: ok([syncRow(change)])});
const totals = syncRow().totals;
const link = (state: State['bus']['link']['state']) => stateOf({bus: {link: {...BUS.link, state, since: ago(60)}}});
const notSetUp: Failure = {why: 'not_set_up', message: 'no table', next: '', retry: false};
const queries = Array.from({length: 6}, (_, pid) => running({pid, seconds: 90}));
const lastReject = {
  reason: 'not_json',
  channel: sanitise('data_sync:trades'),
  detail: sanitise('not JSON'),
  text: sanitise('{'),
  bytes: 1,
  at: ago(5),
} as const;

const tables = (change: Partial<TableRow>) => having({tables: ok([table('execution', 'orders', change)])});
const RECENT = COUNTERS.recent as NonNullable<CountersRow['recent']>;
const counters = (change: Partial<CountersRow>) => having({counters: ok([{...COUNTERS, ...change}])});
const partitions = (change: Partial<PartitionsRow>) =>
  having({partitions: ok([{...(SAMPLES.partitions.rows[0] as PartitionsRow), ...change}])});

const waitingPool = {
  service: sanitise('svc_analytics'),
  pool: sanitise('execution'),
  instance: sanitise('host:1'),
  size: 4,
  inUse: 4,
  waiting: 2,
  max: 4,
  at: ago(1),
  waitingSince: ago(21),
};

const root = SAMPLES.backends.rows[0] as BackendRow;

/** For each rule, by its id, a State that raises its alert. */
const RAISED: Readonly<Record<string, State>> = {
  connections_reserved: counters({connections: 197}),
  pool_exhausted: stateOf({bus: {...BUS, published: [waitingPool]}}),
  wraparound: counters({xidAge: 700_000_000}),
  wal_rate: counters({recent: {...RECENT, walBytes: 30e9}}),
  checkpoints_requested: counters({recent: {...RECENT, checkpointsRequested: 9}}),
  archiver_failing: counters({lastArchivedAt: ago(90), lastArchiveFailureAt: ago(30)}),
  temp_files: counters({recent: {...RECENT, tempBytes: 5e9, tempFiles: 3}}),
  cache_hit: counters({recent: {...RECENT, blocksHit: 1e6, blocksRead: 1e6}}),
  checksum_failures: counters({checksumFailures: 1, lastChecksumFailureAt: ago(900)}),
  replication_lag: having({receivers: ok([receiver({replaySeconds: 60, lagBytes: 5e8})])}),
  slot_unused: having({slots: ok([slot({active: false})])}),
  slot_kept: having({slots: ok([slot({keptBytes: 8e9})])}),
  xmin_horizon: having({horizons: ok([horizon({xids: 2e6, seconds: 900})])}),
  disk_growth: server({grownBytes: 30e9}),
  dead_rows: tables({liveRows: 20_000, deadRows: 60_000}),
  table_freeze: tables({freezePercent: 180}),
  bloat: having({
    bloat: ok([{schema: sanitise('execution'), name: sanitise('orders'), bloatPercent: 70, bloatBytes: 9e8}]),
  }),
  stale_statistics: tables({liveRows: 20_000, changedRows: 30_000}),
  invalid_index: having({indexes: ok([{...(SAMPLES.indexes.rows[0] as IndexRow), problem: 'invalid'}])}),
  partitions_ahead: partitions({aheadSeconds: 86_400}),
  default_partition: partitions({defaultRows: 3}),
  disk_full: having({disk: ok([{fullSince: ago(9)}])}),
  pg_down: having({server: failing(SAMPLES.server, DOWN)}),
  pg_denied: having({server: failing(SAMPLES.server, DENIED)}),
  prefect_down: having({prefect: failing(SAMPLES.prefect, DOWN)}),
  prefect_denied: having({prefect: failing(SAMPLES.prefect, DENIED)}),
  not_set_up: having({trades: failing(SAMPLES.trades, notSetUp)}),
  denied: having({positions: failing(SAMPLES.positions, DENIED)}),
  down: having({running: failing(SAMPLES.running, DOWN)}),
  stale: having({statements: stale(SAMPLES.statements)}),
  bus_denied: link('denied'),
  bus_down: link('down'),
  bus_missed: stateOf({bus: {missed: 3, lastMissedAt: ago(5)}}),
  bus_rejected: stateOf({bus: {rejected: 1, lastReject}}),
  redis_down: having({redis: failing(SAMPLES.redis, DOWN)}),
  redis_denied: having({redis: failing(SAMPLES.redis, DENIED)}),
  redis_memory: redis({memoryBytes: 99, maxMemoryBytes: 100}),
  redis_evicting: redis({lastEvictionAt: ago(5)}),
  redis_cut: redis({lastCutAt: ago(5)}),
  redis_restart: redis({restartedAt: ago(5)}),
  statements_dealloc: having({
    statements_info: ok([
      {statements: 5000, dealloc: 9, statsReset: undefined, intervalSeconds: 2, lastDeallocAt: ago(5)},
    ]),
  }),
  sessions_full: server({sessions: 199}),
  oldest_xact: server({oldestXactSeconds: 4000}),
  pg_restart: server({restartedAt: ago(5)}),
  pg_role: server({roleChangedAt: ago(5)}),
  standby_lost: server({standbyLostAt: ago(5)}),
  deadlock: server({lastDeadlockAt: ago(5)}),
  reads_all_stats: server({readsAllStats: false}),
  blocked: having({blockers: ok([blocker({pid: root.pid, backendStart: root.backendStart})])}),
  idle_tx: session({idleInTransactionSeconds: 700}),
  long: having({running: ok(queries)}),
  order_pending: having({orders: ok([order(0, {status: sanitise('pending'), idleSeconds: 31})])}),
  order_unfilled: having({orders: ok([order(0, {timeInForce: sanitise('ioc'), idleSeconds: 61})])}),
  reject_rate: having({order_rates: ok([rates('pairs', {rejects: 40})])}),
  trading_stopped: stateOf({
    bus: {...BUS, tape: [trade(0, {executedAt: ago(61)})]},
    samples: {trades: ok([]), order_rates: ok([rates('pairs')])},
  }),
  trade_rate_low: having({order_rates: ok([rates('pairs', {fills: 5}), rates('momentum')])}),
  trade_rate_high: having({order_rates: ok([rates('pairs', {fills: 2000})])}),
  position_limit: having({position_limits: ok([positionLimit({breachedAt: ago(60), percent: 120})])}),
  position_limit_used: having({position_limits: ok([positionLimit({percent: 81})])}),
  position_limit_unwatched: having({position_limits: ok([positionLimit({evaluatedSeconds: 121})])}),
  risk_breach: having({risk_limits: ok([riskLimit({percent: 100})])}),
  risk_used: having({risk_limits: ok([riskLimit({percent: 51, warnFraction: 0.5})])}),
  risk_slope: having({risk_limits: ok([riskLimit({percent: 61, breachSeconds: 599})])}),
  risk_event: having({risk_events: ok([riskEvent({severity: sanitise('critical')})])}),
  risk_events_open: having({risk_events: ok([riskEvent({ageSeconds: 901})])}),
  bar_late: having({market_data: ok([bar(0, {ageSeconds: 140}), bar(1)])}),
  ingestion_error: having({
    ingestion: ok([ingested(0, {state: sanitise('error'), error: sanitise('401')}), ingested(1)]),
  }),
  ingestion_silent: having({ingestion: ok([ingested(0, {silentSeconds: 121})])}),
  ingestion_late: having({ingestion: ok([ingested(0, {barSeconds: 140}), ingested(1)])}),
  data_quality: having({market_quality: ok([quality({severity: sanitise('critical')})])}),
  prefect_late: having({prefect_runs: ok([flowRun({kind: 'late', seconds: 61})])}),
  prefect_failed: having({prefect_runs: ok([flowRun({kind: 'failed', stateName: sanitise('Failed')})])}),
  prefect_long: having({prefect_runs: ok([flowRun({seconds: 400})])}),
  prefect_worker: having({prefect_workers: ok([prefectWorker({seconds: 91, online: 0})])}),
  prefect_pool: having({prefect_workers: ok([workPool({status: sanitise('NOT_READY')})])}),
  check: stateOf({checks: {at: NOW, results: CHECKS}}),
  log_critical: having({
    log_counts: ok([logCounts('execution', 'CRITICAL', {lastMinutes: 1, lastAt: ago(5), lastId: sanitise('90')})]),
  }),
  log_errors: having({
    log_counts: ok([
      logCounts('execution', 'ERROR', {
        lastMinutes: 31,
        lastMinute: 12,
        hourBefore: 120,
        lastAt: ago(10),
        lastId: sanitise('90'),
      }),
    ]),
  }),
  sync_silent: sync({workers: [worker({silentSeconds: 90})]}),
  sync_failing: sync({workers: [worker({figures: figures({failing: sanitise('deadlock detected')})})]}),
  sync_deaf: sync({workers: [worker({figures: figures({link: sanitise('down')})})]}),
  sync_slot: sync({
    workers: [
      worker({
        mode: sanitise('slot'),
        figures: figures({
          slot: {lag_bytes: 3e9, retained_bytes: 3e9, safe_bytes: null},
          linkError: sanitise('the server keeps 2.8 GiB of WAL for the slot'),
        }),
      }),
    ],
  }),
  sync_stopped: sync({workers: [worker({stoppedAt: ago(600)})]}),
  sync_gap: sync({gaps: [gap({filledAt: undefined})], totals: {...totals, gapsOpen: 1, oldestGapSeconds: 240}}),
  sync_lag: sync({workers: [worker({safeAt: ago(90), heartbeatAt: ago(0)})]}),
  sync_marks: sync({workers: [worker({figures: figures({marksBehind: 4, marksSince: ago(90)})})]}),
  silence_channel: stateOf({
    bus: {
      channels: BUS.channels.map(one => ({
        ...one,
        lastAt: ago(40),
        usualSeconds: 5,
        service: sanitise('svc_analytics'),
      })),
    },
  }),
  silence_symbol: stateOf({bus: {quiet: [{symbol: sanitise('AAPL'), lastAt: ago(40), usualSeconds: 5}]}}),
  silence_service: stateOf({gone: [gone()]}),
  silence_trades: having({
    unfilled: ok([{orderId: order(0).orderId, symbol: keyText('AAPL'), updatedAt: ago(20), seconds: 20}]),
  }),
  stale_marks: having({positions: ok([position(0, {markAt: ago(200)})])}),
  alert_limits: {...having({}), limits: limitsInForce({}, [{value: {blocked: {warn: 'soon'}}}])},
  market_hours: having({market_hours: ok([{hours: undefined, error: sanitise('it must be an object')}])}),
  maintenance_missed: having({
    maintenance: ok([maintenance('vacuum-analyze', {nextAt: ago(9000), lateSeconds: 1800})]),
  }),
  maintenance_failed: having({maintenance: ok([maintenance('backup-age', {outcome: sanitise('failed')})])}),
  notifications_failed: having({
    notifications_failed: ok([
      {
        channel: sanitise('slack'),
        failed: 2,
        waiting: 0,
        lastFailedAt: ago(9),
        lastError: sanitise('HTTP 404'),
      },
    ]),
  }),
  settings_changed: having({
    settings_changed: ok([
      {
        name: (SAMPLES.settings.rows[0] as SettingRow).name,
        before: sanitise('on'),
        value: sanitise('off'),
        pendingRestart: false,
        at: ago(9),
      },
    ]),
  }),
  redis_buffers: redis({largestBufferBytes: 6e6}),
  redis_persistence: redis({persistence: sanitise('the last snapshot failed')}),
  redis_slow: redis({lastSlowAt: ago(5), lastSlow: sanitise('KEYS *, 1.2 s')}),
  redis_replication: redis({replicaLostAt: ago(5)}),
  sync_quarantine: sync({quarantine: [setAside()], totals: {...totals, quarantined: 1}}),
};

const ruleOf = (id: string): string => id.split(':')[0] as string;

/** The rules that raise alerts, at once or when it has been so for an hour. */
function raisedBy(state: State): readonly string[] {
  const watch = watchAlerts(state);
  const later = watchAlerts({...state, at: state.at + 3600e6}, watch);
  return [...watch.alerts, ...later.alerts].map(alert => ruleOf(alert.id));
}

/** Where the alerts of a rule lead, raised at once or after an hour. */
function placesOf(rule: string, state: State): readonly LeadPlace[] {
  const watch = watchAlerts(state);
  const later = watchAlerts({...state, at: state.at + 3600e6}, watch);
  return [...watch.alerts, ...later.alerts].flatMap(alert => (alert.rule === rule && alert.row ? [alert.row] : []));
}

/** Whether a pane has what a place names. */
function isThere({pane: id, key, where}: LeadPlace, state: State): boolean {
  if (id === undefined) return true;
  const pane = paneOf(id);
  const wanted = Object.entries(where ?? {});
  const keys = pane.keys(state);
  return key === undefined
    ? keys.some(each => wanted.every(([column, value]) => pane.values(state, each)?.[column] === value))
    : keys.includes(key);
}

/** What is told by nothing but the alert: what we may not see, what is not set up well, who is gone. */
const WITHOUT_ROW: readonly string[] = [
  'statements_dealloc',
  'standby_lost',
  'reads_all_stats',
  'alert_limits',
  'market_hours',
];

/** States that look like one of the above and are none: what a careless rule would take for trouble. */
const QUIET: Readonly<Record<string, State>> = {
  'small tables that are mostly dead, and large ones that are a little': tables({liveRows: 100, deadRows: 9_000}),
  'a table that autovacuum is about to clean': tables({liveRows: 100_000, deadRows: 21_000, changedRows: 12_000}),
  'checkpoints that come by time': counters({recent: {...RECENT, checkpointsTimed: 6, checkpointsRequested: 5}}),
  'a cold cache that is hardly read': counters({recent: {...RECENT, blocksHit: 100, blocksRead: 90_000}}),
  'an archiver that works again': counters({lastArchivedAt: ago(1), lastArchiveFailureAt: ago(30)}),
  'little bloat in a small table': having({
    bloat: ok([{schema: sanitise('execution'), name: sanitise('orders'), bloatPercent: 90, bloatBytes: 5e6}]),
  }),
  'a double and an unused index': having({indexes: SAMPLES.indexes}),

  'a limit order that rests': having({orders: ok([order(0, {idleSeconds: 90_000})])}),
  'an order that was rejected long ago': having({
    orders: ok([order(0, {status: sanitise('rejected'), idleSeconds: 90_000})]),
  }),
  'a job of maintenance that was switched off after it had failed': having({
    maintenance: ok([maintenance('analyze', {nextAt: undefined, lateSeconds: undefined, outcome: sanitise('failed')})]),
  }),
  'a run of maintenance that stopped with its window': having({
    maintenance: ok([maintenance('vacuum-analyze', {outcome: sanitise('partial')})]),
  }),
  'a run of maintenance that is under way beyond its grace': having({
    maintenance: ok([maintenance('analyze', {runningAt: ago(9000), nextAt: ago(9), lateSeconds: 5})]),
  }),
  'a few rejects of a few orders': having({order_rates: ok([rates('pairs', {orders: 9, rejects: 4})])}),
  'as many rejects as come by chance': having({order_rates: ok([rates('pairs', {orders: 120, rejects: 14})])}),
  'a desk that stops as a whole': having({
    order_rates: ok([rates('pairs', {fills: 0}), rates('momentum', {fills: 1})]),
  }),
  'a strategy that has just begun': having({
    order_rates: ok([rates('pairs', {fills: 500, peakFills: 5, usualFills: 60})]),
  }),
  'a failed flow run after which another has completed': having({
    prefect_runs: ok([flowRun({kind: 'failed', recovered: true})]),
  }),
  'a long flow run of a flow that has just come': having({
    prefect_runs: ok([flowRun({seconds: 9_000, usualSeconds: undefined})]),
  }),
  'a flow run of seconds that takes a minute': having({prefect_runs: ok([flowRun({seconds: 59, usualSeconds: 1})])}),
  'a worker that is gone while others work': having({
    prefect_workers: ok([prefectWorker({seconds: 4_000, online: 2})]),
  }),
  'a work pool that somebody has paused': having({
    prefect_workers: ok([workPool({status: sanitise('NOT_READY'), paused: true})]),
  }),
  'a check whose violation another rule tells': stateOf({
    checks: {at: NOW, results: CHECKS.slice(1, 2).map(check => ({...check, id: 'health_lock_waits'}))},
  }),
  'a symbol with one bar a day': having({market_data: ok([bar(0, {intervalSeconds: 86_400, ageSeconds: 100_000})])}),
  'a symbol with one bar': having({market_data: ok([bar(0, {intervalSeconds: undefined, ageSeconds: 100_000})])}),
  'a service that always logs errors': having({
    log_counts: ok([logCounts('execution', 'ERROR', {lastMinutes: 20, hourBefore: 240})]),
  }),
  'a check that tells what the alerts on slots do': stateOf({
    checks: {at: NOW, results: CHECKS.slice(1, 2).map(check => ({...check, id: 'health_replication_slots'}))},
  }),
  'a burst of errors that has ended': having({
    log_counts: ok([
      logCounts('execution', 'ERROR', {lastMinutes: 100, lastMinute: 100, hourBefore: 0, lastAt: ago(10)}),
    ]),
  }),
  'a critical line of an hour ago': having({
    log_counts: ok([logCounts('execution', 'CRITICAL', {hourBefore: 1, lastAt: ago(3600)})]),
  }),
  'a limit that is not watched': having({
    risk_limits: ok([riskLimit({enabled: false, percent: 120, breachSeconds: 5})]),
  }),
  'a limit that fills slowly from below': having({risk_limits: ok([riskLimit({percent: 40, breachSeconds: 100})])}),
  'a critical event that somebody has acknowledged': having({
    risk_events: ok([
      riskEvent({severity: sanitise('critical'), acknowledgedAt: ago(5), acknowledgedBy: sanitise('anna')}),
    ]),
  }),
};

describe('the rules of alerts', () => {
  it('have an id of their own each, and say when they raise an alert', () => {
    const ids = ALERT_RULES.map(rule => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter(id => !/^[a-z][a-z_]+$/.test(id))).toEqual([]);
    expect(ALERT_RULES.filter(rule => rule.when === '')).toEqual([]);
  });

  it('are all raised by a State below, and nothing else is', () => {
    expect(Object.keys(RAISED).toSorted()).toEqual(ALERT_RULES.map(rule => rule.id).toSorted());
    const raised = Object.values(RAISED).flatMap(raisedBy);
    expect([...new Set(raised)].toSorted()).toEqual(ALERT_RULES.map(rule => rule.id).toSorted());
  });

  it.each(Object.entries(RAISED))('raise %s', (id, state) => {
    expect(raisedBy(state)).toContain(id);
  });

  it('each lead to a row that its pane has, or are of those that no row tells of', () => {
    const leads = Object.entries(RAISED).map(([id, state]) => [id, state, placesOf(id, state)] as const);
    expect(leads.filter(([, , places]) => places.length === 0).map(([id]) => id)).toEqual(WITHOUT_ROW);
    expect(leads.filter(([, state, places]) => places.some(place => !isThere(place, state))).map(([id]) => id)).toEqual(
      [],
    );
  });

  it.each(Object.entries(QUIET))('are silent on %s', (_, state) => {
    expect(
      watchAlerts({...state, samples: {...state.samples, sessions: ok([])}}).alerts.map(alert => alert.id),
    ).toEqual([]);
  });

  it('judge errors by when they were counted, however long ago that is', () => {
    const burst = logCounts('execution', 'ERROR', {lastMinutes: 100, lastMinute: 60, hourBefore: 0, lastAt: ago(10)});
    const counted = (seconds: number) => raisedBy(having({log_counts: ok([burst], seconds)}));
    expect(counted(9)).toContain('log_errors');
    expect(counted(5)).not.toContain('log_errors');
  });

  it('tell the last of a burst of errors, and lead to it', () => {
    const last = {lastAt: ago(1), lastId: sanitise('77'), lastMessage: sanitise('venue timeout')};
    const burst = logCounts('execution', 'ERROR', {lastMinutes: 31, lastMinute: 12, ...last});
    expect(watchAlerts(having({log_counts: ok([burst])})).alerts.find(({rule}) => rule === 'log_errors')).toMatchObject(
      {
        text: 'execution: 31 errors in 5 min, usual 0: venue timeout',
        row: {pane: 'logs', key: 'log 77'},
      },
    );
  });

  it('say that no connection is left until some are: services that are refused try again', () => {
    let watch = watchAlerts(counters({connections: 197}));
    const raised = [195, 193].map(connections => {
      watch = watchAlerts(counters({connections}), watch);
      return watch.alerts.some(({rule}) => rule === 'connections_reserved');
    });
    expect(raised).toEqual([true, false]);
  });

  it('leave dead rows to autovacuum for two minutes, where it is on', () => {
    const raised = (change: Partial<TableRow>, seconds: number) => {
      const state = tables({liveRows: 20_000, deadRows: 60_000, ...change});
      const first = watchAlerts(state);
      return watchAlerts({...state, at: state.at + seconds * 1e6}, first).alerts.map(({rule}) => rule);
    };
    expect(raised({autovacuumOff: true}, 0)).toContain('dead_rows');
    expect(raised({}, 119)).not.toContain('dead_rows');
    expect(raised({}, 120)).toContain('dead_rows');
  });

  it('name one cause where the bars of many symbols are late', () => {
    const {alerts} = watchAlerts(having({market_data: ok([0, 1, 2, 3, 4, 5].map(n => bar(n, {ageSeconds: 400})))}));
    expect(alerts.filter(alert => alert.rule === 'bar_late')).toMatchObject([
      {id: 'bar_late:all', severity: 'crit', text: 'The bars of 6 symbols of 6 are late, the last of AAPL by 6m40s'},
    ]);
  });

  it('say of a position limit that it is full, and name it as the cause of its event; of a disabled one they say nothing', () => {
    const state = having({
      position_limits: ok([
        positionLimit({percent: 100, used: '1000.0000'}),
        positionLimit({id: sanitise('4'), breachedAt: ago(30), percent: 120, used: '1200.0000'}),
        positionLimit({id: sanitise('5'), enabled: false, percent: 200, evaluatedSeconds: 9000}),
      ]),
      risk_events: ok([
        riskEvent({severity: sanitise('critical'), limitId: undefined, correlationId: sanitise('position_limit:4')}),
      ]),
    });
    const told = watchAlerts(state).alerts.filter(({rule}) => /^(?:position_limit|risk_event)/.test(rule));
    expect(told.map(({id, severity, text, causedBy}) => [id, severity, text, causedBy])).toEqual([
      ['position_limit:4', 'crit', 'Over the limit: quantity of ACC-01 NVDA: 1,200.00 of 1,000.00 (120.0%)', undefined],
      ['risk_event:31', 'crit', expect.any(String), 'position_limit:4'],
      ['position_limit_used:3', 'crit', 'quantity of ACC-01 NVDA: 1,000.00 of 1,000.00 (100.0%)', undefined],
    ]);
  });

  it('say of a source of bars what it does wrong, once for all its symbols, and nothing of one that is paused', () => {
    const wrong = (n: number) => ingested(n, {state: sanitise('error'), error: sanitise('HTTP 401')});
    const paused = ingested(3, {state: sanitise('paused'), barSeconds: 9000, silentSeconds: 9000});
    const own = ingested(4, {source: sanitise('other'), state: sanitise('late'), barSeconds: 400});
    const state = having({ingestion: ok([wrong(0), wrong(1), wrong(2), paused, own])});
    const told = watchAlerts(state).alerts.filter(alert => alert.rule.startsWith('ingestion'));
    expect(told.map(({id, severity, text}) => [id, severity, text])).toEqual([
      ['ingestion_error:vendor-a', 'crit', 'vendor-a is in error for AAPL and 2 more: HTTP 401'],
      [
        'ingestion_late:other',
        'crit',
        'other is late for 1 symbol of 1: the last bar of AMZN is 6m40s old, and it promises one every 1m',
      ],
    ]);
  });

  it('are silent on a desk on which all is well', () => {
    expect(watchAlerts(having({sessions: ok([])})).alerts.map(alert => alert.id)).toEqual([]);
  });
});
