import type {Digits} from '../core/decimal.ts';
import type {Snake} from '../core/name-case.ts';
import type {SafeText} from '../core/sanitise.ts';
import {isoMicros, type Micros, nowMicros} from '../core/time.ts';
import {CHANNEL_PREFIX, deskKinds, MAX_BYTES} from './decode.ts';
import {ENVELOPE} from './envelope.ts';
import {type EventKind, isWrong} from './kind.ts';
import {marketDataKind, positionsKind, tradesKind} from './kinds/index.ts';
import type {MarketDataEvent} from './kinds/market-data.ts';
import type {PositionEvent} from './kinds/positions.ts';
import type {TradeEvent} from './kinds/trades.ts';

/** Anything that has Redis's PUBLISH: an ioredis client, standalone, Sentinel or Cluster. */
export type Publisher = {readonly publish: (channel: string, message: string) => Promise<number>};

/** A number with all its digits as text or bigint; a JavaScript number where its shortest form is meant. */
type Numeric = Digits | number | bigint;
/** ISO 8601, UTC where it names no zone, or a Date. */
type Time = string | Date;

/** What a publisher may give for a value that subscribers receive. */
type Given<Value> = Value extends SafeText
  ? string
  : Value extends Micros
    ? Time
    : Value extends undefined
      ? null | undefined
      : Digits extends Value
        ? Numeric
        : Value;

/** A kind's data as a publisher gives it: the columns of the table. Further fields are sent as they are. */
type GivenData<Data> = {
  readonly [Key in keyof Data as undefined extends Data[Key] ? never : Snake<Key & string>]: Given<Data[Key]>;
} & {
  readonly [Key in keyof Data as undefined extends Data[Key] ? Snake<Key & string> : never]?: Given<Data[Key]>;
} & {readonly [more: string]: unknown};

/** A trade as execution.trades has it, and the figures that the publisher adds. Further fields are sent as they are. */
export type TradeData = GivenData<TradeEvent>;

/** A position as execution.positions has it. */
export type PositionData = GivenData<PositionEvent>;

/** A bar as data_ingestion.market_data has it; `timestamp` is its start. */
export type MarketData = GivenData<Omit<MarketDataEvent, 'at'> & {readonly timestamp: MarketDataEvent['at']}>;

/** The envelope around the data; each part has a default. */
export type Meta = {
  /** Default: the kind's own service. */
  readonly service?: string;
  /** The event's time, in microseconds. Default: now. */
  readonly at?: Micros;
  /** Default: trade_id for trades, ACCOUNT:SYMBOL for positions; market data never has one. */
  readonly correlationId?: string;
};

/** A message of any service: on `data_sync:NAME`, with a type of its own. */
export type OwnEvent = Meta & {
  readonly channel: string;
  readonly type: string;
  readonly service: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** A message, ready to send. */
export type BusMessage = {readonly channel: string; readonly text: string};

/** The event is not valid, and nothing was sent. The message names the field. */
export class EventError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EventError';
  }
}

/**
 * Sends an executed trade; call it after the commit. Resolves to the number of clients that Redis handed it to, which
 * is no receipt. Rejects with an EventError where the data is not valid.
 *
 * Numbers go out as JSON numbers with exactly the given digits: `json.loads` turns them into floats, and
 * `json.loads(text, parse_float=Decimal)` into the exact decimals. The envelope's time is UTC without a zone, as
 * `datetime.utcnow().isoformat()` writes it; times in the data name their offset, +00:00.
 */
export const publishTrade = (redis: Publisher, data: TradeData, meta: Meta = {}): Promise<number> =>
  send(redis, () => messageOf(tradesKind, data, meta));

/** Sends the present state of a position. Otherwise as `publishTrade`. */
export const publishPosition = (redis: Publisher, data: PositionData, meta: Meta = {}): Promise<number> =>
  send(redis, () => messageOf(positionsKind, data, meta));

/** Sends a bar; its close is the symbol's last price. Has no correlation_id. Otherwise as `publishTrade`. */
export const publishMarketData = (redis: Publisher, data: MarketData, meta: Meta = {}): Promise<number> =>
  send(redis, () => messageOf(marketDataKind, data, meta));

/** Sends an event of any service. On a channel of the desk its data must follow the rules of the channel's kind. */
export const publishEvent = (redis: Publisher, event: OwnEvent): Promise<number> =>
  send(redis, () => ownMessage(event));

async function send(redis: Publisher, make: () => BusMessage): Promise<number> {
  const {channel, text} = make();
  return redis.publish(channel, text);
}

/** The message of an event whose data we made ourselves and need not check. */
export function eventMessage<Data>(
  kind: EventKind<string, Data>,
  data: Data,
  at: Micros,
  correlationId?: string,
): BusMessage {
  const text = envelope(kind.type, kind.service, kind.encode(data), at, correlationId ?? kind.correlation(data));
  return {channel: kind.channel, text};
}

/** The message of data in its JSON names, checked by the kind's rules. Throws an EventError. */
function messageOf<Data>(
  kind: EventKind<string, Data>,
  given: Readonly<Record<string, unknown>>,
  {service = kind.service, at = nowMicros(), correlationId}: Meta = {},
): BusMessage {
  const fields = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, exact(value, `data.${name}`)]));
  const data = kind.decode(fields);
  if (isWrong(data)) throw new EventError(data.wrong);
  const known = kind.encode(data);
  const more = Object.entries(given).filter(
    ([name, value]) => !Object.hasOwn(kind.fields, name) && value !== undefined,
  );
  const rest = more.map(([name, value]) => `, ${JSON.stringify(name)}: ${json(value, `data.${name}`)}`).join('');
  const id = kind.correlation(data) === undefined ? undefined : (correlationId ?? kind.correlation(data));
  return checkSize({
    channel: kind.channel,
    text: envelope(kind.type, service, `${known.slice(0, -1)}${rest}}`, at, id),
  });
}

function ownMessage({channel, type, service, data, at = nowMicros(), correlationId}: OwnEvent): BusMessage {
  const kind = deskKinds.find(known => known.channel === channel);
  if (kind && kind.type !== type) throw new EventError(`type: ${channel} carries ${kind.type}`);
  if (kind) return messageOf(kind, data, {service, at, ...(correlationId === undefined ? {} : {correlationId})});
  if (!channel.startsWith(CHANNEL_PREFIX) || channel.length === CHANNEL_PREFIX.length) {
    throw new EventError(`channel: must be ${CHANNEL_PREFIX}NAME`);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new EventError('data: must be an object');
  return checkSize({channel, text: envelope(type, service, json(data, 'data'), at, correlationId)});
}

function envelope(type: string, service: string, data: string, at: Micros, correlationId: string | undefined): string {
  const timestamp = isoMicros(at).slice(0, -1);
  for (const [name, value] of Object.entries({type, service, timestamp, correlation_id: correlationId})) {
    const {success, error} = ENVELOPE[name as keyof typeof ENVELOPE].schema.safeParse(value);
    if (!success) throw new EventError(`${name}: ${error.issues[0]?.message}`);
  }
  const id = correlationId === undefined ? '' : `, "correlation_id": ${JSON.stringify(correlationId)}`;
  const head = `{"type": ${JSON.stringify(type)}, "service": ${JSON.stringify(service)}`;
  return `${head}, "data": ${data}, "timestamp": "${timestamp}"${id}}`;
}

function checkSize(message: BusMessage): BusMessage {
  if (Buffer.byteLength(message.text) > MAX_BYTES) throw new EventError(`the message has more than ${MAX_BYTES} bytes`);
  return message;
}

// A value as the kinds read it: a number as its own digits.
function exact(value: unknown, path: string): unknown {
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
