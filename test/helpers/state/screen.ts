import type {Acting, Outcome, Plan} from '../../../src/actions/plan.ts';
import {limitsInForce} from '../../../src/alerts/settings.ts';
import type {Failure} from '../../../src/core/errors.ts';
import {keyText, type SafeText, sanitise} from '../../../src/core/sanitise.ts';
import {type Micros, parseMicros} from '../../../src/core/time.ts';
import type {BusState} from '../../../src/model/bus-state.ts';
import type {About, Alert, GoneService, KnownCheck, Samples, State} from '../../../src/model/state.ts';
import type {UiState} from '../../../src/model/ui-state.ts';
import type {PerformanceRow, PortfolioRow} from '../../../src/monitor/analytics.ts';
import type {AuditRow} from '../../../src/monitor/audit.ts';
import type {BackendRow} from '../../../src/monitor/backends.ts';
import type {BlockerRow} from '../../../src/monitor/blockers.ts';
import type {CountersRow} from '../../../src/monitor/counters.ts';
import type {HorizonRow} from '../../../src/monitor/horizons.ts';
import type {IndexRow} from '../../../src/monitor/indexes.ts';
import type {IngestionRow} from '../../../src/monitor/ingestion.ts';
import type {LogCountsRow, LogRow, NotificationRow} from '../../../src/monitor/logs.ts';
import type {MaintenanceRow} from '../../../src/monitor/maintenance.ts';
import type {MarketDataRow, MarketQualityRow} from '../../../src/monitor/market-data.ts';
import type {OrderLifeRow} from '../../../src/monitor/order-lives.ts';
import type {OrderRatesRow} from '../../../src/monitor/order-rates.ts';
import type {OrderRow} from '../../../src/monitor/orders.ts';
import type {PositionLimitRow} from '../../../src/monitor/position-limits.ts';
import type {PositionRow} from '../../../src/monitor/positions.ts';
import type {PrefectRunRow, PrefectWorkerRow} from '../../../src/monitor/prefect-runs.ts';
import type {ProgressRow} from '../../../src/monitor/progress.ts';
import type {ReceiverRow, SlotRow} from '../../../src/monitor/replication.ts';
import type {RiskEventRow, RiskLimitRow} from '../../../src/monitor/risk.ts';
import type {RunningRow} from '../../../src/monitor/running.ts';
import type {Held} from '../../../src/monitor/sample.ts';
import type {SessionsRow} from '../../../src/monitor/sessions.ts';
import type {SettingRow} from '../../../src/monitor/settings.ts';
import type {StatementRow} from '../../../src/monitor/statements.ts';
import type {SyncGapRow, SyncQuarantineRow, SyncRow, SyncWorkerRow} from '../../../src/monitor/sync.ts';
import type {SyncFigures} from '../../../src/monitor/sync-figures.ts';
import type {TableRow} from '../../../src/monitor/tables.ts';
import type {TradeRow} from '../../../src/monitor/trades.ts';
import {NOTHING_HELD, waitingSamples} from '../../../src/store/samples.ts';
import {initialUi} from '../../../src/store/ui.ts';
import type {CheckResult} from '../../../src/verify/check.ts';

/** The time of every State made here. */
export const NOW: Micros = parseMicros('2026-11-22T12:04:31.250Z') as Micros;

const text = (s: string): SafeText => sanitise(s);
const ago = (seconds: number): Micros => NOW - Math.round(seconds * 1e6);

/** Good rows, read a moment ago. */
export const ok = <Row>(rows: readonly Row[], seconds = 0.4): Held<Row> => ({
  state: rows.length > 0 ? 'ok' : 'empty',
  at: ago(seconds),
  rows,
  ms: 3,
  failure: undefined,
  failingSince: undefined,
  retryAt: undefined,
});

/** A source that has not been read yet. */
export const waiting: Held<never> = NOTHING_HELD;

/** A source that fails, with its last good rows. */
export const failing = <Row>(held: Held<Row>, failure: Failure, seconds = 41): Held<Row> => ({
  ...held,
  state: failure.why === 'denied' ? 'denied' : failure.why === 'unsupported' ? 'unsupported' : 'down',
  at: held.at === undefined ? undefined : ago(seconds + 1),
  failure,
  failingSince: ago(seconds),
  retryAt: failure.retry ? NOW + 4_000_000 : undefined,
});

/** A source whose rows are too old. */
export const stale = <Row>(held: Held<Row>, seconds = 12): Held<Row> => ({...held, state: 'stale', at: ago(seconds)});

export const DOWN: Failure = {
  why: 'down',
  message: 'connect ECONNREFUSED 127.0.0.1:5432',
  next: 'Is the server running, and are host and port right?',
  retry: true,
};
export const DENIED: Failure = {
  why: 'denied',
  message: 'permission denied for view pg_stat_statements',
  next: 'Connect as tradetop_monitor or tradetop_operator, or GRANT pg_monitor to this role.',
  sqlstate: '42501',
  retry: false,
};
export const UNSUPPORTED: Failure = {
  why: 'unsupported',
  message: 'pg_stat_statements must be loaded via shared_preload_libraries',
  next: 'Add pg_stat_statements to shared_preload_libraries and restart PostgreSQL.',
  sqlstate: '55000',
  retry: false,
};

const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'GOOGL', 'AMZN', 'META', 'TSLA', 'JPM', 'XOM', 'BRK.B'] as const;
const PRICES = [
  '187.1234',
  '402.5500',
  '881.0100',
  '171.4020',
  '178.2500',
  '485.5800',
  '201.2900',
  '195.1100',
  '104.3300',
  '612.3450',
] as const;
const STRATEGIES = ['momentum', 'mean_reversion', 'pairs', 'market_making'] as const;

/** The nth newest trade: the same for the same n. */
export function trade(n: number, change: Partial<TradeRow> = {}): TradeRow {
  const i = (n * 7) % SYMBOLS.length;
  const executedAt = ago(0.05 + n * 0.173);
  return {
    tradeId: text(`T-20261122-${String(18_204 - n).padStart(6, '0')}`),
    orderId: text(`O-20261122-${String(9_102 - Math.floor(n / 2)).padStart(6, '0')}`),
    accountId: text(`ACC-0${(n % 3) + 1}`),
    symbol: text(SYMBOLS[i] as string),
    side: n % 3 === 1 ? 'sell' : 'buy',
    quantity: `${((n * 37) % 20) * 25 + 5}.0000`,
    price: PRICES[i] as string,
    commission: `${1 + (n % 4)}.2500`,
    strategy: text(STRATEGIES[n % STRATEGIES.length] as string),
    tradeType: text(n % 3 === 1 ? 'closing' : 'opening'),
    realizedPnl: n % 3 === 1 ? `${n % 2 === 0 ? '-' : ''}${120 + n * 3}.4500` : undefined,
    executedAt,
    receivedAt: executedAt + 9_000,
    lagMs: 9 + (n % 5),
    from: 'bus',
    ...change,
  };
}

export function position(n: number, change: Partial<PositionRow> = {}): PositionRow {
  const i = n % SYMBOLS.length;
  return {
    accountId: text(`ACC-0${Math.floor(n / SYMBOLS.length) + 1}`),
    symbol: text(SYMBOLS[i] as string),
    quantity: `${(n + 1) * 125}.0000`,
    avgPrice: `${(Number(PRICES[i]) * (0.96 + (n % 7) * 0.01)).toFixed(4)}`,
    mark: PRICES[i] as string,
    markAt: ago(1 + (n % 4)),
    marketValue: (Number(PRICES[i]) * (n + 1) * 125).toFixed(4),
    unrealizedPnl: (Number(PRICES[i]) * (0.04 - (n % 7) * 0.01) * (n + 1) * 125).toFixed(4),
    realizedPnl: `${n % 4 === 0 ? '-' : ''}${(n * 311) % 1700}.2500`,
    lastUpdated: ago(5 + n),
    ...change,
  };
}

/** The nth order, filled by half. */
export function order(n: number, change: Partial<OrderRow> = {}): OrderRow {
  const i = (n * 7) % SYMBOLS.length;
  return {
    orderId: text(`O-20261122-${String(9_200 + n).padStart(6, '0')}`),
    accountId: text(`ACC-0${(n % 3) + 1}`),
    symbol: text(SYMBOLS[i] as string),
    side: text(n % 3 === 1 ? 'sell' : 'buy'),
    orderType: text('limit'),
    quantity: `${(n + 1) * 50}.0000`,
    filled: `${(n + 1) * 25}.0000`,
    price: PRICES[i] as string,
    stopPrice: undefined,
    timeInForce: text('day'),
    status: text('partially_filled'),
    strategy: text(STRATEGIES[n % STRATEGIES.length] as string),
    sessionId: text('desk-1'),
    createdAt: ago(40 + n * 7),
    updatedAt: ago(3 + n),
    idleSeconds: 3 + n,
    ...change,
  };
}

/** The life of the nth order: submitted, then filled by half. */
function life(n: number): OrderLifeRow {
  const {orderId, createdAt = NOW, updatedAt} = order(n);
  const step = {tradeId: undefined, reason: undefined};
  return {
    orderId,
    steps: [
      {...step, status: text('pending'), occurredAt: createdAt, latencyMs: undefined},
      {...step, status: text('submitted'), occurredAt: createdAt + 85_000, latencyMs: 85},
      {
        ...step,
        status: text('partially_filled'),
        occurredAt: updatedAt,
        latencyMs: 36_915,
        tradeId: text('T-1'),
      },
    ],
  };
}

/** The life of the nth order, which was rejected. */
function refused(n: number): OrderLifeRow {
  const {orderId, steps} = life(n);
  const reason = text('symbol is halted');
  return {
    orderId,
    steps: [...steps.slice(0, 1), ...steps.slice(1, 2).map(s => ({...s, status: text('rejected'), reason}))],
  };
}

/** The rates of a strategy that does as usual. */
export const rates = (strategy: string, change: Partial<OrderRatesRow> = {}): OrderRatesRow => ({
  strategy: text(strategy),
  orderSeconds: 180,
  usualOrderSeconds: 900,
  fillSeconds: 180,
  usualFillSeconds: 900,
  orders: 150,
  rejects: 4,
  usualOrders: 740,
  usualRejects: 22,
  fills: 160,
  usualFills: 790,
  peakFills: 180,
  ...change,
});

/** A limit of a position that is half used. */
export const positionLimit = (change: Partial<PositionLimitRow> = {}): PositionLimitRow => ({
  id: text('3'),
  limitType: text('position_quantity'),
  accountId: text('ACC-01'),
  strategy: undefined,
  symbol: text('NVDA'),
  maxQuantity: '1000.0000',
  maxValue: undefined,
  limitValue: '1000.0000',
  warnFraction: 0.8,
  enabled: true,
  updatedBy: text('feed'),
  updatedAt: ago(8072),
  used: '500.0000',
  percent: 50,
  headroom: '500.0000',
  breachedAt: undefined,
  evaluatedSeconds: 2,
  ...change,
});

/** A limit of exposure that is half used. */
export const riskLimit = (change: Partial<RiskLimitRow> = {}): RiskLimitRow => ({
  id: text('7'),
  limitType: text('max_exposure'),
  accountId: text('ACC-01'),
  strategy: undefined,
  symbol: undefined,
  limitValue: '1500000.0000',
  warnFraction: 0.8,
  enabled: true,
  updatedBy: text('feed'),
  updatedAt: ago(8072),
  used: '750000.0000',
  percent: 50,
  headroom: '750000.0000',
  of: undefined,
  slopePercent: 0.4,
  breachSeconds: 7500,
  ...change,
});

export const riskEvent = (change: Partial<RiskEventRow> = {}): RiskEventRow => ({
  id: text('31'),
  limitId: text('7'),
  eventType: text('max_exposure'),
  severity: text('warning'),
  accountId: text('ACC-02'),
  strategy: undefined,
  symbol: undefined,
  observedValue: '1260000.0000',
  limitValue: '1500000.0000',
  message: text('Exposure of ACC-02 is 84 % of its limit.'),
  correlationId: undefined,
  occurredAt: ago(240),
  acknowledgedAt: undefined,
  acknowledgedBy: undefined,
  ageSeconds: 240,
  ...change,
});

/** The last bar of the nth symbol: one a minute. */
export const bar = (n: number, change: Partial<MarketDataRow> = {}): MarketDataRow => ({
  symbol: text(SYMBOLS[n] as string),
  lastAt: ago(31.25),
  close: PRICES[n] as string,
  volume: '12400',
  intervalSeconds: 60,
  ageSeconds: 31.25,
  ...change,
});

/** The source of the nth symbol's bars, which does well. */
export const ingested = (n: number, change: Partial<IngestionRow> = {}): IngestionRow => ({
  source: text('vendor-a'),
  symbol: text(SYMBOLS[n] as string),
  lastBarAt: ago(31.25),
  expectedSeconds: 60,
  state: text('ok'),
  error: undefined,
  stateSince: ago(8072),
  barSeconds: 31.25,
  silentSeconds: 2,
  ...change,
});

export const quality = (change: Partial<MarketQualityRow> = {}): MarketQualityRow => ({
  symbol: text('TSLA'),
  findings: 2,
  severity: text('warning'),
  source: text('vendor-a'),
  checkName: text('gap'),
  message: text('three bars are missing'),
  at: ago(1200),
  ...change,
});

const logLine = (change: Partial<LogRow> = {}): LogRow => ({
  id: text('91'),
  at: ago(2),
  service: text('execution'),
  level: text('INFO'),
  eventType: text('trade_executed'),
  message: text('buy AAPL'),
  correlationId: text('T-20261122-018204'),
  context: undefined,
  ...change,
});

export const logCounts = (service: string, level: string, change: Partial<LogCountsRow> = {}): LogCountsRow => ({
  service: text(service),
  level: text(level),
  lines: 1,
  lastMinutes: 0,
  lastMinute: 0,
  hourBefore: 0,
  lastAt: undefined,
  lastId: undefined,
  lastMessage: undefined,
  ...change,
});

const notification = (change: Partial<NotificationRow> = {}): NotificationRow => ({
  id: text('12'),
  createdAt: ago(300),
  channel: text('slack'),
  config: text('desk'),
  eventType: text('order_rejected'),
  severity: text('warning'),
  subject: text('Order O-1 rejected'),
  status: text('failed'),
  attempts: 3,
  error: text('HTTP 503'),
  correlationId: text('O-1'),
  ...change,
});

/** A job of scheduled maintenance that ended well an hour ago, and comes again in 23 hours. */
export const maintenance = (job: string, change: Partial<MaintenanceRow> = {}): MaintenanceRow => ({
  job: keyText(job),
  nextAt: ago(-23 * 3600),
  startBy: ago(-25 * 3600),
  lateSeconds: -25 * 3600,
  runningAt: undefined,
  runningHost: undefined,
  cutOff: false,
  stopAt: undefined,
  lastDueAt: ago(3700),
  startedAt: ago(3600),
  endedAt: ago(3480),
  outcome: text('done'),
  host: text('db-ops-1'),
  tookSeconds: 120,
  detail: text('24 of 24 tables done; 4,120 of 4,120 dead rows removed.'),
  ...change,
});

const audited = (change: Partial<AuditRow> = {}): AuditRow => ({
  id: text('8812'),
  at: ago(600),
  userId: text('anna'),
  dbUser: text('tradetop_operator'),
  osUser: text('anna'),
  client: text('10.0.0.7'),
  application: text('tradetop watch action'),
  address: text('10.0.0.9'),
  operation: text('vacuum-analyze'),
  tableName: text('execution.trades'),
  target: text('execution.trades'),
  result: text('done'),
  rows: 412_000,
  durationMs: 38_200,
  statement: text('VACUUM (ANALYZE, VERBOSE) "execution"."trades"'),
  detail: undefined,
  correlationId: text('act-1'),
  backendPid: 4242,
  ...change,
});

const strategyDay = (strategy: string, change: Partial<PerformanceRow> = {}): PerformanceRow => ({
  strategy: text(strategy),
  day: text('2026-11-22'),
  today: true,
  status: text('active'),
  trades: 4_120,
  decided: 1_800,
  winRate: 0.5432,
  totalValue: '81204331.2000',
  realizedPnl: '12004.5000',
  signals: 2_310,
  engineTrades: 4_120,
  enginePnl: '12004.5000',
  lastUpdated: ago(1),
  ...change,
});

const account = (change: Partial<PortfolioRow> = {}): PortfolioRow => ({
  accountId: text('ACC-01'),
  trades: 6_200,
  positions: 12,
  totalValue: '120433112.0000',
  realizedPnl: '-310.4000',
  marketValue: '1412004.1100',
  unrealizedPnl: '9220.1700',
  lastUpdated: ago(1),
  ...change,
});

/** A flow run that has been running for a minute, as usual. */
export const flowRun = (change: Partial<PrefectRunRow> = {}): PrefectRunRow => ({
  kind: 'running',
  id: text('5f0c'),
  flow: text('end-of-day'),
  name: text('brave-otter'),
  stateType: text('RUNNING'),
  stateName: text('Running'),
  at: ago(62),
  seconds: 62,
  usualSeconds: 120,
  recovered: false,
  ...change,
});

export const prefectWorker = (change: Partial<PrefectWorkerRow> = {}): PrefectWorkerRow => ({
  kind: 'worker',
  name: text('worker-1'),
  pool: text('default'),
  type: undefined,
  status: undefined,
  paused: false,
  at: ago(12),
  seconds: 12,
  online: 1,
  ...change,
});

export const workPool = (change: Partial<PrefectWorkerRow> = {}): PrefectWorkerRow =>
  prefectWorker({
    kind: 'pool',
    name: text('default'),
    type: text('process'),
    status: text('READY'),
    at: undefined,
    seconds: undefined,
    ...change,
  });

const QUERIES = [
  [
    'svc_execution',
    'INSERT INTO execution.trades (trade_id, order_id, account_id, symbol, quantity, price) VALUES ($1, $2, $3, $4, $5, $6)',
  ],
  [
    'svc_analytics',
    'SELECT s.account_id, s.symbol, sum(t.quantity * t.price) FROM execution.trades t JOIN analytics.portfolio_summary s USING (account_id) GROUP BY 1, 2',
  ],
  [
    'svc_data_ingestion',
    'INSERT INTO data_ingestion.market_data (symbol, timestamp, open, high, low, close, volume) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING',
  ],
  [
    'svc_execution',
    'UPDATE execution.orders SET status = $1, version = version + $2 WHERE order_id = $3 AND version = $4',
  ],
  ['svc_risk_management', 'SELECT limit_value FROM risk_management.risk_limits WHERE account_id = $1 AND is_active'],
  [
    'svc_notification',
    'SELECT id, payload FROM notification.notification_logs WHERE status = $1 ORDER BY created_at LIMIT $2',
  ],
] as const;

export function statement(n: number, change: Partial<StatementRow> = {}): StatementRow {
  const [service, query] = QUERIES[n % QUERIES.length] as readonly [string, string];
  const meanMs = [1840, 12.1, 0.42, 3.06, 0.08, 41.5][n % 6] as number;
  const calls = [2, 80, 421, 96, 1210, 6][n % 6] as number;
  return {
    key: `10/5/${7_000_000_000_000_000 + n}/true`,
    queryId: text(String(n)),
    service: text(service),
    user: text(service),
    database: text('trading_system'),
    query: text(query),
    calls,
    callsPerSecond: calls / 2,
    meanMs,
    totalMs: meanMs * calls,
    percent: [71.4, 18.8, 3.4, 5.7, 1.9, 4.8][n % 6] as number,
    rowsPerCall: [210, 1, 1, 1, 1, 20][n % 6] as number,
    hitPercent: n === 4 ? undefined : 99.1,
    callsTotal: calls * 5_000,
    meanMsTotal: meanMs * 0.9,
    maxMs: meanMs * 12,
    ...change,
  };
}

export const running = (change: Partial<RunningRow> = {}): RunningRow => ({
  pid: 4121,
  backendStart: ago(3600),
  service: text('svc_strategy_engine'),
  application: text('strategy-engine/3'),
  database: text('trading_system'),
  state: text('active'),
  wait: text('Lock:transactionid'),
  blockedBy: [4077],
  seconds: 8.2,
  query: text('UPDATE strategy_engine.strategies SET parameters = $1 WHERE id = $2'),
  ...change,
});

const session = (service: string, change: Partial<SessionsRow> = {}): SessionsRow => ({
  service: text(service),
  database: text('trading_system'),
  sessions: 6,
  active: 1,
  idle: 5,
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
  ...change,
});

/** The root of a blocking tree. */
export const blocker = (change: Partial<BlockerRow> = {}): BlockerRow => ({
  pid: 4077,
  backendStart: ago(900),
  service: text('analytics'),
  application: text('report'),
  state: text('idle in transaction'),
  stateSeconds: 180,
  query: text('UPDATE execution.positions SET version = version'),
  blocks: 5,
  seconds: 8,
  victims: [4121, 4122],
  ...change,
});

/** A service that is gone. */
export const gone = (change: Partial<GoneService> = {}): GoneService => ({
  key: 'trading_system/execution',
  service: text('execution'),
  database: text('trading_system'),
  since: ago(240),
  usualSeconds: 0,
  ...change,
});

export const backend = (pid: number, change: Partial<BackendRow> = {}): BackendRow => ({
  key: `${pid}/${ago(3600)}`,
  pid,
  backendStart: ago(3600),
  gid: undefined,
  kind: text('client backend'),
  service: text('execution'),
  user: text('svc_execution'),
  application: text('execution/2'),
  database: text('trading_system'),
  client: text('10.0.4.17'),
  state: text('active'),
  wait: undefined,
  waits: false,
  waitSeconds: undefined,
  querySeconds: 0.2,
  xactSeconds: 0.4,
  stateSeconds: 0.2,
  xminAge: 3,
  blockedBy: [],
  blockedByPrepared: [],
  blocks: 0,
  blocksSeconds: undefined,
  depth: 0,
  parent: undefined,
  query: text('UPDATE execution.orders SET status = $1 WHERE order_id = $2'),
  queryId: undefined,
  ...change,
});

/** A pile of sessions behind one that is idle in a transaction, and a quiet rest. */
export const BACKENDS: readonly BackendRow[] = [
  backend(4077, {
    service: text('analytics'),
    user: text('svc_analytics'),
    application: text('nightly report'),
    state: text('idle in tx'),
    wait: text('Client:ClientRead'),
    querySeconds: undefined,
    xactSeconds: 412,
    stateSeconds: 405,
    blocks: 2,
    blocksSeconds: 8.2,
    query: text('UPDATE strategy_engine.strategies SET updated_at = now() WHERE id = 7'),
  }),
  backend(4121, {
    service: text('strategy_engine'),
    depth: 1,
    blocks: 1,
    blocksSeconds: 3,
    blockedBy: [4077],
    parent: backend(4077).key,
    wait: text('Lock:transactionid'),
    waits: true,
    waitSeconds: 8.2,
    querySeconds: 8.2,
  }),
  backend(4133, {
    service: text('risk_management'),
    depth: 2,
    blockedBy: [4121, 4077],
    parent: backend(4121).key,
    wait: text('Lock:tuple'),
    waits: true,
    waitSeconds: 3,
    querySeconds: 3,
  }),
  backend(4140, {state: text('active'), xactSeconds: 1.2}),
  backend(4141, {state: text('idle'), xactSeconds: undefined, querySeconds: undefined, xminAge: undefined}),
  backend(2201, {
    service: text('checkpointer'),
    kind: text('checkpointer'),
    user: text(''),
    application: text(''),
    database: text(''),
    client: text(''),
    state: text(''),
    wait: text('Activity:CheckpointerMain'),
    querySeconds: undefined,
    xactSeconds: undefined,
    stateSeconds: undefined,
    xminAge: undefined,
    query: text(''),
  }),
];

export const table = (schema: string, name: string, change: Partial<TableRow> = {}): TableRow => ({
  schema: text(schema),
  name: text(name),
  kind: 'table',
  sizeBytes: 1_288_490_188,
  liveRows: 9_100_000,
  deadRows: 412_000,
  lastVacuum: ago(2 * 86_400),
  vacuumedAuto: true,
  lastAnalyze: ago(86_400),
  analyzedAuto: false,
  changedRows: 4_012,
  seqScans: 12,
  indexScans: 1_204_000,
  updatedRows: 2_000,
  hotRows: 1_900,
  freezePercent: 41.2,
  autovacuumOff: false,
  ...change,
});

export const TABLES: readonly TableRow[] = [
  table('execution', 'trades'),
  table('execution', 'orders', {
    sizeBytes: 734_003_200,
    liveRows: 4_020_000,
    deadRows: 88_120,
    lastVacuum: ago(5 * 3600),
  }),
  table('execution', 'positions', {sizeBytes: 98_304, liveRows: 48, deadRows: 3_120, lastVacuum: ago(41)}),
  table('logging', 'system_logs', {sizeBytes: 2_576_980_377, liveRows: 12_400_000, deadRows: 0, lastVacuum: undefined}),
  table('data_ingestion', 'market_data', {
    kind: 'partitioned',
    sizeBytes: 0,
    liveRows: 0,
    deadRows: 0,
    lastVacuum: undefined,
  }),
  table('data_ingestion', 'market_data_2026_11', {
    kind: 'partition',
    sizeBytes: 5_153_960_755,
    liveRows: 48_000_000,
    deadRows: 120,
  }),
];

/** A long operation under way: of the chooser's table, unless it is changed. */
export const progress = (change: Partial<ProgressRow> = {}): ProgressRow => ({
  pid: 5120,
  relation: text('execution.trades'),
  command: text('VACUUM'),
  phase: text('scanning heap'),
  seconds: 41,
  automatic: true,
  percent: 44.6,
  leftSeconds: 51,
  scannedPercent: 44.6,
  ...change,
});

/** The counters of a server that is well. */
export const COUNTERS: CountersRow = {
  walBytes: 21_474_836_480,
  checkpointsTimed: 26,
  checkpointsRequested: 2,
  checkpointWriteMs: 3_640_000,
  checkpointSyncMs: 840,
  buffersCheckpoint: 90_100,
  buffersCleaned: 1_020,
  cleanerStopped: 3,
  buffersBackend: undefined,
  archived: 0,
  archiveFailures: 0,
  lastArchivedAt: undefined,
  lastArchiveFailureAt: undefined,
  archiveMode: text('off'),
  tempFiles: 4,
  tempBytes: 41_943_040,
  checksumFailures: 0,
  lastChecksumFailureAt: undefined,
  commits: 3_300_000,
  rollbacks: 1_200,
  connections: 38,
  replicating: 1,
  maxConnections: 200,
  reservedConnections: 3,
  xidAge: 41_000_000,
  multixactAge: 120_000,
  oldestDatabase: text('trading_system'),
  perSecond: {
    walBytes: 2_202_009,
    checkpointsTimed: 0,
    checkpointsRequested: 0,
    buffersCheckpoint: 3,
    buffersCleaned: 0,
    buffersAllocated: 20,
    archived: 0,
    tempBytes: 0,
    blocksRead: 12,
    commits: 400,
    rollbacks: 2,
  },
  recent: {
    walRecords: 246_000,
    walImages: 7_200,
    walBytes: 1_321_205_400,
    walBuffersFull: 0,
    checkpointsTimed: 2,
    checkpointsRequested: 0,
    tempFiles: 0,
    tempBytes: 0,
    deadlocks: 0,
    conflicts: 0,
    blocksHit: 12e6,
    blocksRead: 7_200,
    rollbacks: 1_200,
    sessionsLost: 0,
  },
  recentSeconds: 600,
};

export const receiver = (change: Partial<ReceiverRow> = {}): ReceiverRow => ({
  kind: 'standby',
  pid: 7001,
  role: text('replicator'),
  name: text('standby-1'),
  client: text('10.0.4.30'),
  state: text('streaming'),
  syncState: text('quorum'),
  lagBytes: 16_384,
  writeSeconds: 0.001,
  flushSeconds: 0.002,
  replaySeconds: 0.004,
  ...change,
});

export const slot = (change: Partial<SlotRow> = {}): SlotRow => ({
  name: text('standby_1'),
  type: text('physical'),
  database: text(''),
  active: true,
  activePid: 7001,
  keptBytes: 16_777_216,
  safeBytes: 1_073_741_824,
  walStatus: text('reserved'),
  xminAge: undefined,
  inactiveSince: undefined,
  invalidated: undefined,
  ...change,
});

export const horizon = (change: Partial<HorizonRow> = {}): HorizonRow => ({
  kind: 'session',
  pid: 4140,
  label: text('execution/2'),
  database: text('trading_system'),
  state: text('active'),
  xids: 120,
  seconds: 4,
  service: text('execution'),
  sessionKey: `4140/${ago(3600)}`,
  ...change,
});

const setting = (name: string, change: Partial<SettingRow> = {}): SettingRow => ({
  name: text(name),
  value: text('on'),
  unit: text(''),
  source: text('configuration file'),
  pendingRestart: false,
  shipped: text('on'),
  ...change,
});

const marks: BusState['marks'] = new Map(
  SYMBOLS.map((symbol, i) => [symbol, {price: PRICES[i] as string, at: ago(1 + i * 0.3)}]),
);

export const BUS: BusState = {
  link: {state: 'ready', since: ago(8072), error: undefined, retryAt: undefined, drops: 0, latencyMs: 0.3},
  tape: Array.from({length: 120}, (_, n) => trade(n)),
  seen: 18_204,
  duplicates: 0,
  missed: 0,
  perMinute: 612,
  history: Array.from({length: 60}, (_, i) => Math.round(20 + 9 * Math.sin(i / 4) + ((i * 7) % 5))),
  lagMs: 9,
  lagP99Ms: 31,
  channels: [
    {channel: text('data_sync:trades'), received: 18_204, perMinute: 612, lastAt: ago(0.05)},
    {channel: text('data_sync:positions'), received: 18_190, perMinute: 611, lastAt: ago(0.05)},
    {channel: text('data_sync:market_data'), received: 40_112, perMinute: 1_320, lastAt: ago(0.02)},
  ],
  rejected: 0,
  rejects: {oversized: 0, not_json: 0, not_envelope: 0, bad_data: 0, unknown_type: 0, unknown_channel: 0},
  lastReject: undefined,
  rejectList: [],
  gaps: 0,
  marks,
};

/** Figures of a worker without problems. */
export const figures = (change: Partial<SyncFigures> = {}): SyncFigures => ({
  link: text('ready'),
  linkError: undefined,
  channels: [
    {channel: text('data_sync:trades'), received: 18_204, perSecond: 10.2, lastAt: ago(0.05)},
    {channel: text('data_sync:positions'), received: 18_190, perSecond: 10.1, lastAt: ago(0.05)},
    {channel: text('data_sync:market_data'), received: 40_112, perSecond: 22, lastAt: ago(0.02)},
  ],
  queue: 3,
  overflowed: 0,
  batches: 9_102,
  batchSize: 2,
  batchMs: 3.1,
  receiveP50: 0.4,
  receiveP99: 2.1,
  commitP50: 6.2,
  commitP99: 14.8,
  trades: 18_201,
  duplicates: 0,
  adopted: 0,
  restated: 0,
  recovered: 12,
  quarantined: 0,
  retries: 0,
  failingSince: undefined,
  failing: undefined,
  rejected: [],
  rejects: [],
  stream: undefined,
  marksBehind: 0,
  marksSince: undefined,
  marksError: undefined,
  slot: undefined,
  ...change,
});

export const worker = (change: Partial<SyncWorkerRow> = {}): SyncWorkerRow => ({
  worker: text('desk-1 sync'),
  mode: text('pubsub'),
  host: text('desk-1'),
  pid: 4242,
  startedAt: ago(8072),
  heartbeatAt: ago(0.8),
  silentSeconds: 0.4,
  safeAt: ago(1),
  stoppedAt: undefined,
  figures: figures(),
  ...change,
});

export const gap = (change: Partial<SyncGapRow> = {}): SyncGapRow => ({
  id: '7',
  worker: text('desk-1 sync'),
  reason: text('disconnect'),
  from: ago(240),
  to: ago(199.5),
  recovered: 12,
  passes: 2,
  filledAt: ago(190),
  error: undefined,
  settled: true,
  ...change,
});

export const setAside = (change: Partial<SyncQuarantineRow> = {}): SyncQuarantineRow => ({
  id: '3',
  kind: text('trades'),
  key: text('T-20261122-000017'),
  event: text('{"key": "T-20261122-000017", "quantity": "99999999999999"}'),
  sqlstate: text('22003'),
  reason: text('numeric field overflow'),
  attempts: 2,
  firstAt: ago(600),
  lastAt: ago(300),
  ...change,
});

export const syncRow = (change: Partial<SyncRow> = {}): SyncRow => ({
  workers: [worker()],
  gaps: [gap()],
  quarantine: [],
  ...change,
  totals: {
    ledger: 412_000,
    ledgerExact: false,
    gapsOpen: 0,
    gapsFilled: 1,
    recovered: 12,
    oldestGapSeconds: undefined,
    quarantined: 0,
    ...change.totals,
  },
});

/** The readings of all sources of a busy desk. A source that is not listed here has not been read yet. */
export const SAMPLES: Samples = {
  ...waitingSamples(),
  server: ok([
    {
      version: text('18.4'),
      database: text('trading_system'),
      user: text('tradetop_operator'),
      standby: false,
      startedAt: ago(8072),
      sessions: 38,
      active: 3,
      waiting: 1,
      maxConnections: 200,
      oldestXactSeconds: 4,
      sizeBytes: 1_503_238_553,
      grownBytes: 12_582_912,
      grownSeconds: 3540,
      tps: 412,
      hitPercent: 99.8,
      walBytesPerSecond: 2_202_009,
      deadlocks: 0,
      readsAllStats: true,
      latencyMs: undefined,
      standbys: 0,
      standbyLostAt: undefined,
      restartedAt: undefined,
      roleChangedAt: undefined,
      lastDeadlockAt: undefined,
    },
  ]),
  trades: ok(Array.from({length: 20}, (_, n) => trade(n, {from: 'table', lagMs: undefined}))),
  positions: ok(Array.from({length: 30}, (_, n) => position(n))),
  orders: ok([
    order(0),
    order(1, {status: text('submitted'), orderType: text('market'), price: undefined, filled: '0', idleSeconds: 20}),
    order(2, {status: text('rejected'), filled: '0'}),
    order(3, {status: text('filled'), filled: '200.0000'}),
  ]),
  order_lives: ok([life(0), life(1), refused(2)]),
  order_rates: ok(STRATEGIES.map(strategy => rates(strategy))),
  market_data: ok([0, 1, 2, 6].map(n => bar(n))),
  market_quality: ok([quality()]),
  ingestion: ok([ingested(0), ingested(1)]),
  logs: ok([
    logLine(),
    logLine({
      id: text('90'),
      at: ago(9),
      level: text('WARNING'),
      service: text('analytics'),
      eventType: text('slow_query'),
      message: text('The account report took 1.84 s.'),
      correlationId: undefined,
    }),
    logLine({
      id: text('89'),
      at: ago(80),
      level: text('ERROR'),
      eventType: text('statement_refused'),
      message: text('23514: quantity must be positive'),
      context: text('{"order": "O-1"}'),
    }),
  ]),
  log_counts: ok([
    logCounts('execution', 'ERROR', {lines: 6, lastMinutes: 3, hourBefore: 40, lastAt: ago(80)}),
    logCounts('execution', 'INFO', {lines: 2_900}),
    logCounts('analytics', 'WARNING', {lines: 14}),
  ]),
  notifications: ok([notification()]),
  audit: ok([
    audited(),
    audited({id: text('8811'), at: ago(638), result: undefined, rows: undefined, durationMs: undefined}),
  ]),
  performance: ok([
    strategyDay('momentum'),
    strategyDay('pairs', {realizedPnl: '-80.2500', winRate: undefined, decided: 0}),
    strategyDay('momentum', {day: text('2026-11-21'), today: false, enginePnl: '11990.5000'}),
  ]),
  portfolio: ok([account(), account({accountId: text('ACC-02'), marketValue: undefined, unrealizedPnl: undefined})]),
  risk_limits: ok([
    riskLimit(),
    riskLimit({
      id: text('8'),
      limitType: text('max_position_value'),
      limitValue: '400000.0000',
      used: '100000.0000',
      percent: 25,
      headroom: '300000.0000',
      of: text('ACC-01 NVDA'),
      slopePercent: -0.1,
      breachSeconds: undefined,
    }),
    riskLimit({
      id: text('9'),
      limitType: text('max_daily_loss'),
      used: undefined,
      percent: undefined,
      headroom: undefined,
      slopePercent: undefined,
      breachSeconds: undefined,
    }),
  ]),
  position_limits: ok([positionLimit()]),
  risk_events: ok([
    riskEvent(),
    riskEvent({
      id: text('30'),
      acknowledgedAt: ago(60),
      acknowledgedBy: text('anna'),
      ageSeconds: 900,
      occurredAt: ago(900),
    }),
  ]),
  statements: ok(Array.from({length: 6}, (_, n) => statement(n))),
  statements_start: ok([statement(1), statement(0)]),
  statements_total: ok([statement(2)]),
  statements_info: ok([
    {statements: 412, dealloc: 0, statsReset: ago(3 * 86_400), intervalSeconds: 2, lastDeallocAt: undefined},
  ]),
  running: ok([running()]),
  running_info: ok([{untracked: 0}]),
  service_performance: ok([]),
  sessions: ok([
    session('svc_execution', {
      idleInTransaction: 1,
      idleInTransactionSeconds: 3,
      idleInTransactionPid: 4140,
      idleInTransactionStart: ago(3600),
    }),
    session('svc_strategy_engine', {sessions: 2, waiting: 1, blockedSeconds: 8, blockedBy: 4077}),
    session('svc_analytics', {sessions: 3}),
    session('svc_data_ingestion', {sessions: 8, active: 4}),
  ]),
  backends: ok(BACKENDS),
  backends_info: ok([{total: BACKENDS.length, untracked: 0}]),
  tables: ok(TABLES),
  alert_marks: ok([]),
  disk: ok([{fullSince: undefined}]),
  maintenance: ok([maintenance('vacuum-analyze'), maintenance('purge-logs', {nextAt: ago(-22 * 3600)})]),
  progress: ok([]),
  counters: ok([COUNTERS]),
  io: ok([
    {
      backend: text('client backend'),
      reads: 12_000,
      readBytes: 98_304_000,
      readMs: 2400,
      writes: 0,
      writtenBytes: 0,
      writeMs: undefined,
      extends: 120,
      readsPerSecond: 20,
      readBytesPerSecond: 163_840,
      writesPerSecond: 0,
      writtenBytesPerSecond: 0,
    },
  ]),
  receivers: ok([receiver()]),
  slots: ok([slot()]),
  horizons: ok([horizon()]),
  settings: ok([
    setting('shared_buffers', {value: text('16384'), unit: text('8kB')}),
    setting('work_mem', {value: text('4096'), unit: text('kB'), source: text('default'), shipped: text('4096')}),
  ]),
  indexes: ok<IndexRow>([
    {
      schema: text('execution'),
      table: text('orders'),
      name: text('idx_orders_status_2'),
      problem: 'duplicate',
      duplicateOf: text('idx_orders_status'),
      sizeBytes: 91_226_112,
      countedSince: ago(30 * 86_400),
    },
    {
      schema: text('logging'),
      table: text('system_logs'),
      name: text('idx_logs_host'),
      problem: 'unused',
      duplicateOf: undefined,
      sizeBytes: 412_090_368,
      countedSince: ago(30 * 86_400),
    },
  ]),
  bloat: ok([
    {schema: text('execution'), name: text('orders'), bloatPercent: 22.4, bloatBytes: 120_000_000},
    {schema: text('execution'), name: text('trades'), bloatPercent: 3, bloatBytes: 30_000_000},
  ]),
  partitions: ok([
    {
      schema: text('data_ingestion'),
      name: text('market_data'),
      partitions: 8,
      covered: true,
      until: ago(-98 * 86_400),
      aheadSeconds: 98 * 86_400,
      defaultPartition: text('market_data_default'),
      defaultRows: 0,
    },
  ]),
  blockers: ok([]),
  market_hours: ok([]),
  alert_limits: ok([]),
  notifications_failed: ok([]),
  settings_changed: ok([]),
  unfilled: ok([]),
  prefect_runs: ok([
    flowRun(),
    flowRun({
      kind: 'failed',
      id: text('5f0d'),
      name: text('old-newt'),
      stateType: text('CRASHED'),
      stateName: text('Crashed'),
      at: ago(7200),
      seconds: 7200,
      usualSeconds: undefined,
      recovered: true,
    }),
  ]),
  prefect_workers: ok([prefectWorker(), workPool()]),
  prefect: ok([{initialised: true, lateRuns: 4, runningRuns: 2, failedRuns: 0, latencyMs: 2}]),
  redis: ok([
    {
      version: text('7.0.15'),
      role: text('master'),
      uptimeSeconds: 8072,
      clients: 9,
      memoryBytes: 12_582_912,
      maxMemoryBytes: 0,
      evicted: 0,
      outputBufferCuts: 0,
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
    },
  ]),
  sync: ok([syncRow()]),
};

export const ABOUT: About = {
  environment: 'demo',
  trading: text('127.0.0.1:5432/trading_system'),
  redis: text('127.0.0.1:6379'),
  user: text('tradetop_operator'),
  slowMs: 1000,
  ascii: false,
  colour: false,
  // A pane or a view that is added later does not change these screens.
  views: [
    {name: 'Main', panes: ['trades', 'positions', 'slow_queries', 'health', 'sync']},
    {name: 'Books', panes: ['trades', 'positions']},
    {name: 'Pipeline', panes: ['sync', 'health']},
  ],
};

export type StateChange = {
  readonly at?: Micros;
  readonly about?: Partial<About>;
  readonly samples?: Partial<Samples>;
  readonly bus?: Partial<BusState>;
  readonly ui?: Partial<UiState>;
  readonly alerts?: State['alerts'];
  readonly unread?: State['unread'];
  readonly gone?: State['gone'];
  readonly limits?: State['limits'];
  readonly acting?: Acting;
  readonly checks?: Partial<State['checks']>;
  readonly tpsHistory?: State['tpsHistory'];
};

/** An alert, with changes. */
export const alert = (change: Partial<Omit<Alert, 'text'>> & {readonly text: string}): Alert => ({
  id: 'rule',
  rule: change.id?.split(':')[0] ?? 'rule',
  subject: undefined,
  severity: 'warn',
  cause: undefined,
  since: NOW,
  lastSeen: NOW,
  count: 1,
  owner: 'database',
  todo: text('Look at it.'),
  row: undefined,
  causedBy: undefined,
  unknownSince: undefined,
  acknowledged: undefined,
  mutedUntil: undefined,
  mutedBy: undefined,
  ...change,
  text: text(change.text),
});

export const ALERTS: State['alerts'] = [
  alert({id: 'standby_down', severity: 'crit', text: 'standby-2 does not answer', since: ago(41)}),
  alert({
    id: 'blocked:svc_strategy_engine',
    text: 'strategy_engine blocked by pid 4077 (analytics) for 8s',
    since: ago(8),
  }),
];

/** The State of a busy desk without problems, with changes. Without colours, so that its screen reads as text. */
export function stateOf(change: StateChange = {}): State {
  return {
    at: change.at ?? NOW,
    about: {...ABOUT, ...change.about},
    samples: {...SAMPLES, ...change.samples},
    bus: {...BUS, ...change.bus},
    pools: {trading: {inUse: 1, idle: 2, waiting: 0, max: 10}, prefect: {inUse: 0, idle: 1, waiting: 0, max: 2}},
    tpsHistory: change.tpsHistory ?? [310, 350, 402, 388, 395, 420, 460, 441, 420, 405, 399, 412],
    limits: change.limits ?? limitsInForce({}, []),
    gone: change.gone ?? [],
    alerts: change.alerts ?? [],
    unread: change.unread ?? [],
    checks: {running: false, at: undefined, results: [], error: undefined, ...change.checks},
    acting: change.acting,
    ui: {...initialUi({focus: 'trades', refreshMs: 2000, readOnly: false}), ...change.ui},
  };
}

export const PLAN: Plan = {
  actionId: 'vacuum-analyze',
  title: 'VACUUM ANALYZE',
  target: {kind: 'table', schema: 'execution', name: 'trades'},
  targetName: text('execution.trades'),
  danger: 'locks',
  sql: [text('VACUUM (ANALYZE, VERBOSE) "execution"."trades"')],
  facts: [
    {label: 'size', value: text('1.2 GB')},
    {label: 'dead rows', value: text('412,000 of 9.1 M (4.5 %)'), warn: true},
    {label: 'last run', value: text('2d ago, took 41 s')},
    {label: 'lock', value: text('ShareUpdateExclusive: reads and writes continue')},
    {label: 'blocked by', value: text('nobody')},
    {label: 'oldest xmin', value: text('4s')},
    {label: 'desk', value: text('market OPEN, 48 open positions'), warn: true},
  ],
  refusal: undefined,
};

export const OUTCOME: Outcome = {
  outcome: 'done',
  summary: text('412,000 dead rows removed, statistics updated'),
  sql: PLAN.sql,
  ms: 38_200,
  rows: 412_000,
  notices: [],
  auditId: '8812',
};

/** An action whose dialog has been open long enough to take keys. */
export const acting = (change: Partial<Acting> = {}): Acting => ({
  phase: 'confirm',
  actionId: 'vacuum-analyze',
  title: 'VACUUM ANALYZE',
  target: PLAN.target,
  targetName: PLAN.targetName,
  plan: PLAN,
  progress: undefined,
  outcome: undefined,
  since: ago(12),
  ...change,
});

const RESULTS: readonly CheckResult[] = [
  {
    id: 'schemas',
    title: 'every schema is there',
    group: 'setup',
    status: 'pass',
    ms: 2,
    rows: [],
    remedy: 'Run: tradetop setup',
  },
  {
    id: 'partitions_ahead',
    title: 'three months of partitions are ready',
    group: 'setup',
    status: 'warn',
    ms: 4,
    rows: [{table_name: 'data_ingestion.market_data', ready_until: '2027-01-01'}],
    remedy: 'Press P, or run: tradetop maintain create-partitions',
  },
  {
    id: 'trades_of_orders',
    title: 'every trade has its order',
    group: 'data',
    status: 'fail',
    ms: 31,
    rows: [
      {trade_id: 'T-20261122-000017', order_id: 'O-20261122-000009'},
      {trade_id: 'T-20261122-000018', order_id: null},
    ],
    remedy: 'Look at the publisher of these trades; restore the orders from its log.',
  },
  {
    id: 'dead_rows',
    title: 'no table has more dead rows than live ones',
    group: 'health',
    status: 'pass',
    ms: 3,
    rows: [],
    remedy: 'Press V.',
  },
  {
    id: 'prefect',
    title: 'Prefect’s tables can be read',
    group: 'health',
    status: 'skip',
    ms: 0,
    rows: [],
    remedy: '',
    why: 'permission denied for table flow_run',
  },
];

/** The same as the console keeps them: run 40 seconds ago, failing for five minutes. */
export const CHECKS: readonly KnownCheck[] = RESULTS.map(result => known(result));

/** A result as the console keeps it. */
function known(result: CheckResult): KnownCheck {
  const violated = result.status === 'fail' || result.status === 'warn';
  return {
    ...result,
    at: ago(40),
    failingSince: violated ? ago(300) : undefined,
    everySeconds: result.group === 'health' ? 60 : 900,
  };
}
