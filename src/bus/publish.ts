import type {Digits} from '../core/decimal.ts';
import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import {CHANNEL_PREFIX, deskKinds, MAX_BYTES} from './decode.ts';
import {ENVELOPE} from './envelope.ts';
import {type EventKind, isWrong} from './kind.ts';
import {marketDataKind, positionsKind, tradesKind} from './kinds/index.ts';

/** Anything that has Redis's PUBLISH: an ioredis client, standalone, Sentinel or Cluster. */
export type Publisher = {readonly publish: (channel: string, message: string) => Promise<number>};

/** A number with all its digits as text or bigint; a JavaScript number where its shortest form is meant. */
type Numeric = Digits | number | bigint;
/** ISO 8601, UTC where it names no zone, or a Date. */
type Time = string | Date;
type Maybe<T> = T | null | undefined;

/** A trade as execution.trades has it, and what the publisher knows beside it. Further fields are sent as they are. */
export type TradeData = {
  readonly trade_id: string;
  readonly account_id: string;
  readonly symbol: string;
  readonly quantity: Numeric;
  readonly price: Numeric;
  readonly order_id?: Maybe<string>;
  readonly side?: Maybe<'buy' | 'sell'>;
  readonly commission?: Maybe<Numeric>;
  readonly executed_at?: Maybe<Time>;
  readonly strategy?: Maybe<string>;
  readonly trade_type?: Maybe<string>;
  readonly total_value?: Maybe<Numeric>;
  readonly realized_pnl?: Maybe<Numeric>;
  readonly win_rate?: Maybe<Numeric>;
  readonly [more: string]: unknown;
};

/** A position as execution.positions has it. */
export type PositionData = {
  readonly account_id: string;
  readonly symbol: string;
  readonly quantity: Numeric;
  readonly avg_price: Numeric;
  readonly market_value?: Maybe<Numeric>;
  readonly unrealized_pnl?: Maybe<Numeric>;
  readonly realized_pnl?: Maybe<Numeric>;
  readonly last_updated?: Maybe<Time>;
  readonly [more: string]: unknown;
};

/** A bar as data_ingestion.market_data has it. */
export type MarketData = {
  readonly symbol: string;
  readonly close: Numeric;
  readonly timestamp?: Maybe<Time>;
  readonly open?: Maybe<Numeric>;
  readonly high?: Maybe<Numeric>;
  readonly low?: Maybe<Numeric>;
  readonly volume?: Maybe<Numeric>;
  readonly [more: string]: unknown;
};

/** What stands around the data; each has a default. */
export type Meta = {
  /** Default: the service that the review names for the kind. */
  readonly service?: string;
  /** When it happened, in microseconds. Default: now. */
  readonly at?: Micros;
  /** Default: trade_id for trades, ACCOUNT:SYMBOL for positions; market data never has one. */
  readonly correlationId?: string;
};

/** A message of one's own service: on `data_sync:NAME`, with a type of its own. */
export type OwnEvent = Meta & {
  readonly channel: string;
  readonly type: string;
  readonly service: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** A message that is ready to be sent. */
export type BusMessage = {readonly channel: string; readonly text: string};

/** The event is not fit to be sent; nothing was. The message names the field. */
export class EventError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EventError';
  }
}

/**
 * Sends a trade that was executed, as the review's publish_trade_event does: after the commit. Gives the number of
 * clients that Redis handed it to, which is no receipt. Rejects with an EventError where the data are not right.
 *
 * Numbers go out as JSON numbers with exactly the digits given: `json.loads` makes floats of them that Python can
 * compute with, `json.loads(text, parse_float=Decimal)` the very decimals. The envelope's time is UTC without a zone,
 * as `datetime.utcnow().isoformat()` writes it; times in the data name their offset, +00:00.
 */
export const publishTrade = (redis: Publisher, data: TradeData, meta: Meta = {}): Promise<number> =>
  send(redis, () => messageOf(tradesKind, data, meta));

/** Sends a position as it is now. Otherwise as `publishTrade`. */
export const publishPosition = (redis: Publisher, data: PositionData, meta: Meta = {}): Promise<number> =>
  send(redis, () => messageOf(positionsKind, data, meta));

/** Sends a bar; its close is the symbol's last price. Carries no correlation_id. Otherwise as `publishTrade`. */
export const publishMarketData = (redis: Publisher, data: MarketData, meta: Meta = {}): Promise<number> =>
  send(redis, () => messageOf(marketDataKind, data, meta));

/** Sends an event of any service. On the desk's own channels its data are held to the desk's own rules. */
export const publishEvent = (redis: Publisher, event: OwnEvent): Promise<number> =>
  send(redis, () => ownMessage(event));

async function send(redis: Publisher, make: () => BusMessage): Promise<number> {
  const {channel, text} = make();
  return redis.publish(channel, text);
}

/** The message of an event of a kind, whose data were made by us and are known to be right. */
export function eventMessage<Data>(
  kind: EventKind<string, Data>,
  data: Data,
  at: Micros,
  correlationId?: string,
): BusMessage {
  const text = envelope(kind.type, kind.service, kind.encode(data), at, correlationId ?? kind.correlation(data));
  return {channel: kind.channel, text};
}

/** The message of data in their JSON names, held to the kind's rules. Throws an EventError. */
function messageOf<Data>(
  kind: EventKind<string, Data>,
  given: Readonly<Record<string, unknown>>,
  {service = kind.service, at = nowMicros(), correlationId}: Meta = {},
): BusMessage {
  const fields = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, wire(value, `data.${name}`)]));
  const data = kind.decode(fields);
  if (isWrong(data)) throw new EventError(data.wrong);
  const mine = kind.encode(data);
  refuseChanged(fields, mine);
  const more = Object.entries(given).filter(
    ([name, value]) => !Object.hasOwn(kind.columns, name) && value !== undefined,
  );
  const rest = more.map(([name, value]) => `, ${JSON.stringify(name)}: ${json(value, `data.${name}`)}`).join('');
  const id = kind.correlation(data) === undefined ? undefined : (correlationId ?? kind.correlation(data));
  return fitting(kind.channel, envelope(kind.type, service, `${mine.slice(0, -1)}${rest}}`, at, id));
}

function ownMessage({channel, type, service, data, at = nowMicros(), correlationId}: OwnEvent): BusMessage {
  const kind = deskKinds.find(known => known.channel === channel);
  if (kind && kind.type !== type) throw new EventError(`type: ${channel} carries ${kind.type}`);
  if (kind) return messageOf(kind, data, {service, at, ...(correlationId === undefined ? {} : {correlationId})});
  if (!channel.startsWith(CHANNEL_PREFIX) || channel.length === CHANNEL_PREFIX.length) {
    throw new EventError(`channel: must be ${CHANNEL_PREFIX}NAME`);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new EventError('data: must be an object');
  return fitting(channel, envelope(type, service, json(data, 'data'), at, correlationId));
}

function envelope(type: string, service: string, data: string, at: Micros, correlationId: string | undefined): string {
  for (const [name, value] of Object.entries({type, service, correlation_id: correlationId})) {
    const {success, error} = ENVELOPE[name as 'type' | 'service' | 'correlation_id'].schema.safeParse(value);
    if (!success) throw new EventError(`${name}: ${error.issues[0]?.message}`);
  }
  const id = correlationId === undefined ? '' : `, "correlation_id": ${JSON.stringify(correlationId)}`;
  const head = `{"type": ${JSON.stringify(type)}, "service": ${JSON.stringify(service)}`;
  return `${head}, "data": ${data}, "timestamp": "${isoMicros(at).slice(0, -1)}"${id}}`;
}

function fitting(channel: string, text: string): BusMessage {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new EventError(`the message has more than ${MAX_BYTES} bytes`);
  return {channel, text};
}

// What a value is in JSON whose numbers stand as their own digits, which is what the kinds read.
function wire(value: unknown, path: string): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value, path);
  return value instanceof Date ? isoMicros(timeOf(value, path)) : value;
}

function numberText(value: number | bigint, path: string): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new EventError(`${path}: must be a finite decimal number`);
  return String(value);
}

function timeOf(value: Date, path: string): Micros {
  if (Number.isNaN(value.getTime())) throw new EventError(`${path}: must be an ISO 8601 time`);
  return value.getTime() * 1000;
}

const raw = (JSON as unknown as {readonly rawJSON: (text: string) => unknown}).rawJSON;

function json(value: unknown, path: string): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'number' || typeof inner === 'bigint' ? raw(numberText(inner, path)) : inner,
    ) ?? 'null'
  );
}

// A reader makes text fit for a screen; text that would come out changed would name another trade or account.
function refuseChanged(fields: Readonly<Record<string, unknown>>, encoded: string): void {
  const sent = JSON.parse(encoded) as Readonly<Record<string, unknown>>;
  for (const name of ['trade_id', 'order_id', 'account_id', 'symbol', 'strategy', 'trade_type']) {
    const given = fields[name];
    if (typeof given === 'string' && given !== '' && sent[name] !== given) {
      throw new EventError(`data.${name}: has characters that cannot be shown`);
    }
  }
}
