// What other programs import from the package `tradetop`: the desk's services, and tools beside them.

export {isReject} from './bus/decode.ts';
export type {BusEvent, BusLink, DeskEvent, MarketDataEvent, PositionEvent, Reject, TradeEvent} from './bus/event.ts';
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
export {auditDataAccess, type DataAccess} from './io/audit.ts';
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
