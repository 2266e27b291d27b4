import {z} from 'zod';
import type {SafeText} from '../core/sanitise.ts';
import type {FieldSpec} from './column.ts';

/** The columns of a kind's data by their names in JSON, which are the table's. */
export type FieldSpecs = Readonly<Record<string, FieldSpec<unknown>>>;
/** The values of columns, read. */
export type FieldValues<C extends FieldSpecs> = {readonly [K in keyof C]: C[K] extends FieldSpec<infer T> ? T : never};

/** What is wrong with a field: its path and a sentence. */
export type Wrong = {readonly wrong: string};

export const isWrong = (outcome: unknown): outcome is Wrong =>
  typeof outcome === 'object' && outcome !== null && 'wrong' in outcome;

/** A kind of event: its channel, its type in the envelope, and how its data is read and written. */
export type EventKind<Kind extends string = string, Data = unknown> = {
  readonly kind: Kind;
  readonly channel: SafeText;
  readonly type: SafeText;
  /** The service that publishes it, unless the publisher says otherwise. */
  readonly service: SafeText;
  readonly columns: FieldSpecs;
  /** Reads the envelope's `data`, in which every JSON number stands as its own digits. Never throws. */
  readonly decode: (data: unknown) => Data | Wrong;
  /** The values of `columns` that were read already, as the kind's data. */
  readonly assemble: (row: FieldValues<FieldSpecs>) => Data;
  // Methods from here on, so that kinds of different data can stand in one list.
  /** The JSON text of `data`; what is unknown is left out. */
  encode(data: Data): string;
  /** The envelope's correlation_id; undefined: the envelope has none. */
  correlation(data: Data): string | undefined;
};

/** Makes a kind from its columns and the two ways between them and its data. */
export function defineKind<Kind extends string, Data, const C extends FieldSpecs>(spec: {
  readonly kind: Kind;
  readonly channel: string;
  readonly type: string;
  readonly service: string;
  readonly columns: C;
  readonly assemble: (row: FieldValues<C>) => Data;
  readonly row: (data: Data) => FieldValues<C>;
  readonly correlation: (data: Data) => string | undefined;
}): EventKind<Kind, Data> {
  const schema = z.object(Object.fromEntries(Object.entries(spec.columns).map(([name, {schema}]) => [name, schema])));
  return {
    kind: spec.kind,
    channel: spec.channel as SafeText,
    type: spec.type as SafeText,
    service: spec.service as SafeText,
    columns: spec.columns,
    decode: data => {
      const parsed = schema.safeParse(data);
      return parsed.success ? spec.assemble(parsed.data as FieldValues<C>) : {wrong: firstIssue(parsed.error, 'data')};
    },
    assemble: spec.assemble as (row: FieldValues<FieldSpecs>) => Data,
    encode: data => {
      const row = spec.row(data) as FieldValues<FieldSpecs>;
      const fields = Object.entries(spec.columns).filter(([name]) => row[name] !== undefined);
      return `{${fields.map(([name, {write}]) => `"${name}": ${write(row[name])}`).join(', ')}}`;
    },
    correlation: spec.correlation,
  };
}

/** The first of zod's issues in a sentence: `data.price: must be a finite decimal number`. */
export function firstIssue(error: z.ZodError, at: string): string {
  const issue = error.issues[0];
  const path = [at, ...(issue?.path ?? [])].filter(part => part !== '').join('.');
  const missing = issue?.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return `${path || 'the message'}: ${missing ? 'is missing' : (issue?.message ?? 'is not valid')}`;
}
