import {z} from 'zod';
import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';
import {optional, textField, timeField} from './field.ts';
import {firstIssue, type Wrong} from './kind.ts';

/** The fields around an event's data: `{type, service, data, timestamp, correlation_id}`. */
export const ENVELOPE = {
  type: textField(100),
  service: textField(100),
  timestamp: timeField(),
  correlation_id: optional(textField(200)),
} as const;

export type Envelope = {
  readonly type: SafeText;
  readonly service: SafeText;
  readonly timestamp: Micros;
  readonly correlation_id?: SafeText | undefined;
  readonly data: Readonly<Record<string, unknown>>;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schema = z.object(
  {
    type: ENVELOPE.type.schema,
    service: ENVELOPE.service.schema,
    timestamp: ENVELOPE.timestamp.schema,
    correlation_id: ENVELOPE.correlation_id.schema,
    data: z.custom<Record<string, unknown>>(isObject, 'must be an object'),
  },
  'must be a JSON object',
);

/** Reads an envelope in which every JSON number stands as its own digits. Drops unknown fields. */
export function readEnvelope(value: unknown): Envelope | Wrong {
  const parsed = schema.safeParse(value);
  return parsed.success ? (parsed.data as Envelope) : {wrong: firstIssue(parsed.error, '')};
}
