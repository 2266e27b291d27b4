import {z} from 'zod';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import {keyField, optional, textField, timeField} from './field.ts';
import {firstIssue, type Wrong} from './kind.ts';

/** The fields around an event's data: `{type, service, data, timestamp, correlation_id}`. */
export const ENVELOPE = {
  type: keyField(100),
  service: textField(100),
  timestamp: timeField(),
  correlation_id: optional(keyField(200)),
} as const;

export type Envelope = {
  readonly type: SafeText;
  readonly service: SafeText;
  readonly timestamp: Micros;
  /** As it is; `readCorrelation` reads it. */
  readonly correlation_id?: unknown;
  readonly data: Readonly<Record<string, unknown>>;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schema = z.object(
  {
    type: ENVELOPE.type.schema,
    service: ENVELOPE.service.schema,
    timestamp: ENVELOPE.timestamp.schema,
    correlation_id: z.unknown().optional(),
    data: z.custom<Record<string, unknown>>(isObject, 'must be an object'),
  },
  'must be a JSON object',
);

/** Reads an envelope in which every JSON number stands as its own digits. Drops unknown fields. */
export function readEnvelope(value: unknown): Envelope | Wrong {
  const parsed = schema.safeParse(value);
  return parsed.success ? (parsed.data as Envelope) : {wrong: firstIssue(parsed.error, '')};
}

/** Reads an envelope's correlation_id: after the data, whose identity it mostly repeats, so that this one is named. */
export function readCorrelation(value: unknown): {readonly id: SafeText | undefined} | Wrong {
  const {success, data, error} = ENVELOPE.correlation_id.schema.safeParse(value);
  return success ? {id: data} : {wrong: firstIssue(error, 'correlation_id')};
}
