// The API of the package `tradetop`, for the desk's services and for other tools.

export type {ControlEvent} from './bus/control.ts';
export {isReject} from './bus/decode.ts';
export type {BusEvent, BusLink, DeskEvent, Reject} from './bus/event.ts';
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
