import {isUtf8} from 'node:buffer';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import type {TimeReader} from './column.ts';
import {readEnvelope} from './envelope.ts';
import type {BusEvent, DeskEvent, Reject, RejectReason} from './event.ts';
import {parseExact} from './json.ts';
import {type EventKind, isWrong} from './kind.ts';
import * as desk from './kinds/index.ts';
import {learnShape, type Shape} from './shape.ts';
import {createTimes} from './times.ts';

/** The largest message that is read. */
export const MAX_BYTES = 1_048_576;
/** Every channel of ours begins so. */
export const CHANNEL_PREFIX = 'data_sync:';

/** The kinds of the desk, in the order of their channels. */
export const deskKinds: readonly EventKind[] = Object.values(desk);

/** Reads one message of a channel: an event, or why it is none. Never throws, whatever the bytes. */
export type Decoder = (channel: string, message: Buffer | string) => DeskEvent | Reject;

export const isReject = (outcome: DeskEvent | Reject): outcome is Reject => 'reason' in outcome;

type Known = {readonly kind: EventKind; readonly shapes: Shape[]; tries: number; triedAt: Micros};

const SHAPES = 16;
const FREE_TRIES = 64;
const TRY_EVERY: Micros = 1_000_000;

/** A decoder for `kinds`; `now` is the clock that events are received by. It learns how each producer writes. */
export function createDecoder(kinds: readonly EventKind[] = deskKinds, now: () => Micros = nowMicros): Decoder {
  const times = createTimes();
  const known = new Map<string, Known>(kinds.map(kind => [kind.channel, {kind, shapes: [], tries: 0, triedAt: 0}]));
  return (channel, message) => {
    const at = now();
    const source = known.get(channel);
    if (!source) return refuse(channel, message, at, 'unknown_channel', 'no kind of event has this channel');
    if (message.length > MAX_BYTES || (typeof message === 'string' && Buffer.byteLength(message) > MAX_BYTES)) {
      return refuse(channel, message, at, 'oversized', `more than ${MAX_BYTES} bytes`);
    }
    // A shape takes ASCII alone, which latin1 reads as UTF-8 does, and faster.
    const glance = typeof message === 'string' ? message : message.toString('latin1');
    for (let i = 0; i < source.shapes.length; i++) {
      const glimpse = (source.shapes[i] as Shape)(glance, times);
      if (!glimpse) continue;
      if (i > 0) promote(source.shapes, i);
      const {service, at: sent, correlationId, row} = glimpse;
      return event(source.kind, service, sent, at, correlationId, source.kind.assemble(row));
    }
    if (typeof message !== 'string' && !isUtf8(message)) {
      return refuse(channel, message, at, 'not_json', 'not JSON: not UTF-8');
    }
    const text = typeof message === 'string' ? message : message.toString();
    const outcome = slowly(source.kind, text, at);
    if ('wrong' in outcome) return refuse(channel, message, at, outcome.reason, outcome.wrong);
    learn(source, text, at, times);
    return outcome;
  };
}

function refuse(channel: string, message: Buffer | string, at: Micros, reason: RejectReason, detail: string): Reject {
  const whole = typeof message === 'string';
  return {
    reason,
    channel: sanitise(channel, 200),
    detail: sanitise(detail, 500),
    text: sanitise((whole ? message : message.toString('utf8', 0, 8192)).slice(0, 2048), 2048),
    bytes: whole ? Buffer.byteLength(message) : message.length,
    at,
  };
}

// The whole way: exact JSON, envelope, type, data. What a shape reads, this reads the same.
function slowly(kind: EventKind, text: string, at: Micros): DeskEvent | {reason: RejectReason; wrong: string} {
  const json = parseExact(text);
  if ('wrong' in json) return {reason: 'not_json', wrong: json.wrong};
  const envelope = readEnvelope(json.value);
  if ('wrong' in envelope) return {reason: 'not_envelope', wrong: envelope.wrong};
  if (envelope.type !== kind.type) {
    return {reason: 'unknown_type', wrong: `type: ${envelope.type} on a channel of ${kind.type}`};
  }
  const data = kind.decode(envelope.data);
  if (isWrong(data)) return {reason: 'bad_data', wrong: data.wrong};
  return event(kind, envelope.service, envelope.timestamp, at, envelope.correlation_id, data);
}

function event(
  kind: EventKind,
  service: SafeText,
  at: Micros,
  receivedAt: Micros,
  correlationId: SafeText | undefined,
  data: unknown,
): DeskEvent {
  const made: BusEvent = {
    kind: kind.kind,
    channel: kind.channel,
    type: kind.type,
    service,
    at,
    receivedAt,
    correlationId,
    data,
  };
  return made as DeskEvent;
}

function promote(shapes: Shape[], i: number): void {
  const hit = shapes[i] as Shape;
  shapes[i] = shapes[i - 1] as Shape;
  shapes[i - 1] = hit;
}

// Learning costs more than reading: messages that all differ are learned from at most once a second.
function learn(source: Known, text: string, at: Micros, times: TimeReader): void {
  if (text.length > 16_384 || (source.tries >= FREE_TRIES && Math.abs(at - source.triedAt) < TRY_EVERY)) return;
  source.tries++;
  source.triedAt = at;
  const shape = learnShape(source.kind, text);
  // A number as 1E-7 or a text with an accent is read the whole way each time: its layout may be known already.
  if (!shape?.(text, times)) return;
  if (source.shapes.length >= SHAPES) source.shapes.pop();
  source.shapes.push(shape);
}
