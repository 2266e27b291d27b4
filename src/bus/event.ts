import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import type {EventKind} from './kind.ts';
import type * as kinds from './kinds/index.ts';
import type {metricKinds} from './metric-kinds.ts';

/** The envelope of every message, `Data` decoded by its kind. */
export type BusEvent<Kind extends string = string, Data = unknown> = {
  readonly kind: Kind;
  readonly channel: SafeText;
  readonly type: SafeText;
  readonly service: SafeText;
  /** The envelope's `timestamp`; UTC where it names no zone. */
  readonly at: Micros;
  readonly receivedAt: Micros;
  readonly correlationId: SafeText | undefined;
  readonly data: Data;
};

type EventOf<K> = K extends EventKind<infer Kind, infer Data> ? BusEvent<Kind, Data> : never;

/** An event of any of the desk's kinds. */
export type DeskEvent = EventOf<(typeof kinds)[keyof typeof kinds]>;

/** What a service says of itself: its pools, its caches. */
export type MetricEvent = EventOf<(typeof metricKinds)[number]>;

/**
 * Why a message was rejected. `oversized`: over 1 MiB; `not_json`; `not_envelope`: a field of the envelope is missing
 * or wrong; `bad_data`: a field of its data is; `unknown_type`: another type on a known channel; `unknown_channel`.
 */
export type RejectReason = 'oversized' | 'not_json' | 'not_envelope' | 'bad_data' | 'unknown_type' | 'unknown_channel';

export type Reject = {
  readonly reason: RejectReason;
  readonly channel: SafeText;
  /** The problem: `data.price: must be a finite decimal number`. */
  readonly detail: SafeText;
  /** The beginning of the message, at most 2,048 characters. */
  readonly text: SafeText;
  readonly bytes: number;
  readonly at: Micros;
};

/** The state of the subscription. `ready`: the server has confirmed every channel. */
export type BusLink = {
  readonly state: 'connecting' | 'ready' | 'down' | 'denied';
  readonly since: Micros;
  readonly error: SafeText | undefined;
  readonly retryAt: Micros | undefined;
  /** Connections lost since the start. */
  readonly drops: number;
  /** Round trip of the last PING on the subscribing connection, in milliseconds. */
  readonly latencyMs: number | undefined;
};
