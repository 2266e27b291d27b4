import {isUtf8} from 'node:buffer';
import {sanitise} from '../core/sanitise.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import {readCorrelation, readEnvelope} from './envelope.ts';
import type {BusEvent, DeskEvent, Reject, RejectReason} from './event.ts';
import type {TimeReader} from './field.ts';
import {parseExact} from './json.ts';
import {type EventKind, isWrong} from './kind.ts';
import * as desk from './kinds/index.ts';
import {learnShape, type Shape} from './shape.ts';
import {createTimes} from './times.ts';

/** The largest message that is read. */
export const MAX_BYTES = 1_048_576;
/** Every channel of the desk begins with it. */
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

/** A decoder for `kinds`; `now` is the clock for the time of receipt. It learns how each producer writes. */
export function createDecoder(kinds: readonly EventKind[] = deskKinds, now: () => Micros = nowMicros): Decoder {
  const times = createTimes();
  const known = new Map<string, Known>(kinds.map(kind => [kind.channel, {kind, shapes: [], tries: 0, triedAt: 0}]));
  return (channel, message) => {
    const at = now();
    const source = known.get(channel);
    if (!source) return rejectOf({channel, message, at}, 'unknown_channel', 'no kind of event has this channel');
    if (message.length > MAX_BYTES || (typeof message === 'string' && Buffer.byteLength(message) > MAX_BYTES)) {
      return rejectOf({channel, message, at}, 'oversized', `more than ${MAX_BYTES} bytes`);
    }
    // A shape accepts only ASCII, which latin1 decodes like UTF-8, and faster.
    const ascii = typeof message === 'string' ? message : message.toString('latin1');
    for (let i = 0; i < source.shapes.length; i++) {
      const event = (source.shapes[i] as Shape)(ascii, times, at);
      if (!event) continue;
      if (i > 0) promote(source.shapes, i);
      return event as DeskEvent;
    }
    if (typeof message !== 'string' && !isUtf8(message)) {
      return rejectOf({channel, message, at}, 'not_json', 'not JSON: not UTF-8');
    }
    const text = typeof message === 'string' ? message : message.toString();
    const outcome = parse(source.kind, text, at);
    if ('wrong' in outcome) return rejectOf({channel, message, at}, outcome.reason, outcome.wrong);
    learn(source, text, at, times);
    return outcome as DeskEvent;
  };
}

type Arrived = {readonly channel: string; readonly message: Buffer | string; readonly at: Micros};

function rejectOf({channel, message, at}: Arrived, reason: RejectReason, detail: string): Reject {
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

// The complete decoding: exact JSON, envelope, type, data. A shape gives the same result for what it accepts.
function parse(kind: EventKind, text: string, receivedAt: Micros): BusEvent | {reason: RejectReason; wrong: string} {
  const json = parseExact(text);
  if ('wrong' in json) return {reason: 'not_json', wrong: json.wrong};
  const envelope = readEnvelope(json.value);
  if ('wrong' in envelope) return {reason: 'not_envelope', wrong: envelope.wrong};
  if (envelope.type !== kind.type) {
    return {reason: 'unknown_type', wrong: `type: ${envelope.type} on a channel of ${kind.type}`};
  }
  const data = kind.decode(envelope.data);
  if (isWrong(data)) return {reason: 'bad_data', wrong: data.wrong};
  const correlation = readCorrelation(envelope.correlation_id);
  if ('wrong' in correlation) return {reason: 'not_envelope', wrong: correlation.wrong};
  return {
    kind: kind.kind,
    channel: kind.channel,
    type: kind.type,
    service: envelope.service,
    at: envelope.timestamp,
    receivedAt,
    correlationId: correlation.id,
    data,
  };
}

function promote(shapes: Shape[], i: number): void {
  const hit = shapes[i] as Shape;
  shapes[i] = shapes[i - 1] as Shape;
  shapes[i - 1] = hit;
}

// Learning costs more than parsing: from messages that all differ it learns at most once a second.
function learn(source: Known, text: string, at: Micros, times: TimeReader): void {
  if (text.length > 16_384 || (source.tries >= FREE_TRIES && Math.abs(at - source.triedAt) < TRY_EVERY)) return;
  source.tries++;
  source.triedAt = at;
  const shape = learnShape(source.kind, text);
  // A message with a number as 1E-7 or a text with an accent is parsed each time: its layout may be known already.
  if (!shape?.(text, times, at)) return;
  if (source.shapes.length >= SHAPES) source.shapes.pop();
  source.shapes.push(shape);
}
