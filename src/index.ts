// What other programs import from the package `tradetop`: the desk's services, and tools beside them.
export {parseRedisUrl, type RedisTarget} from './core/redis-url.ts';
export {isReject} from './events/decode.ts';
export type {BusEvent, BusLink, DeskEvent, MarketDataEvent, PositionEvent, Reject, TradeEvent} from './events/event.ts';
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
} from './events/publish.ts';
export {sharded} from './events/sharded.ts';
export {durable, STREAM} from './events/streams.ts';
export {type SubscribeOptions, type Subscription, subscribe} from './events/subscribe.ts';
export {auditDataAccess, type DataAccess} from './io/audit.ts';
export {OptimisticLockError, updateWithVersion, type VersionedUpdate} from './io/locking.ts';
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
export {
  RolledBackError,
  type Transaction,
  type TransactionOptions,
  UnknownOutcomeError,
  withTransaction,
} from './io/transaction.ts';
