// The API of the package `tradetop`, for the desk's services and for other tools.

export type {ControlEvent} from './bus/control.ts';
export {isReject} from './bus/decode.ts';
export type {BusEvent, BusLink, DeskEvent, MetricEvent, Reject} from './bus/event.ts';
export type {MarketDataEvent} from './bus/kinds/market-data.ts';
export type {PositionEvent} from './bus/kinds/positions.ts';
export type {TradeEvent} from './bus/kinds/trades.ts';
export {
  EventError,
  type MarketData,
  type Meta,
  type OwnEvent,
  type PositionData,
  type Publisher,
  publishEvent,
  publishMarketData,
  publishPosition,
  publishTrade,
  type TradeData,
} from './bus/publish.ts';
export {sharded} from './bus/sharded.ts';
export {durable, STREAM} from './bus/streams.ts';
export {type SubscribeOptions, type Subscription, subscribe} from './bus/subscribe.ts';
export {auditDataAccess, type DataAccess, withAuditedTransaction} from './io/audit.ts';
export {OptimisticLockError, updateWithVersion, type VersionedUpdate} from './io/locking.ts';
export {parseRedisUrl} from './io/redis-url.ts';
export {
  listSecrets,
  newSecretKey,
  openSecrets,
  rotateSecrets,
  type SecretHolder,
  type SecretKey,
  secretKey,
  storeSecret,
} from './io/secrets.ts';
export type {RedisTarget} from './io/targets.ts';
export {
  RolledBackError,
  type Transaction,
  type TransactionOptions,
  UnknownOutcomeError,
  withTransaction,
} from './io/transaction.ts';
export {
  type CachedOptions,
  cached,
  invalidateCached,
  LoadTimeoutError,
  takeCacheCounts,
} from './service/cache.ts';
export {cacheKeys, keysOfEvent} from './service/cache-keys.ts';
export type {CacheRedis} from './service/cache-store.ts';
export {createPools, type PoolSettings, type PoolsConfig, type ServiceConnections} from './service/create-pools.ts';
export type {LogCounts} from './service/log-writer.ts';
export type {PoolHealth} from './service/pool-health.ts';
export {type CacheCounts, type MetricsOptions, type PoolMetrics, publishMetrics} from './service/publish-metrics.ts';
export {
  type PerformanceSummary,
  type QueryPerformance,
  type QueryPerformanceOptions,
  trackQueryPerformance,
} from './service/query-performance.ts';
export {createServiceLog, type ServiceLog, type ServiceLogOptions} from './service/service-log.ts';
