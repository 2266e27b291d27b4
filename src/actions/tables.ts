import {z} from 'zod';
import {failureOf} from '../core/errors.ts';
import type {Io} from '../io/io.ts';
import type {Target} from './action.ts';
import {quoted} from './target.ts';

const whole = z.coerce.number();

const row = z.object({
  oid: z.number(),
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['r', 'p', 'm']),
  parent: z.number().nullable(),
  owner: z.string(),
  runs_as: z.string().nullable(),
  schema_usage: z.boolean(),
  bytes: whole.nullable(),
  live_rows: whole,
  dead_rows: whole,
  last_vacuum: z.string().nullable(),
  last_analyze: z.string().nullable(),
});

/** A table as maintenance sees it. Names are as the catalogue has them: quote for statements, sanitise to show. */
export type TableInfo = Omit<z.infer<typeof row>, 'kind'> & {
  readonly kind: 'plain' | 'partitioned';
  /** Quoted, schema first. */
  readonly quoted: string;
  /** Why this role may not maintain it. */
  readonly denied: string | undefined;
};

/** The tables that a target means; a partitioned table brings its partitions. Empty: there is no such target. */
export async function listTables(io: Io, target: Target): Promise<readonly TableInfo[]> {
  const schema = target.kind === 'database' ? null : target.schema;
  const name = target.kind === 'table' ? target.name : null;
  const ask = (measure: boolean) => io.query('actions/tables', [schema, name, measure]);
  // Measuring waits for whoever holds a table or an index exclusively: then the plan does without sizes.
  const rows = await ask(true).catch(error => {
    if (failureOf(error).sqlstate === '55P03') return ask(false);
    throw error;
  });
  return rows.map(raw => {
    const {kind, ...info} = row.parse(raw);
    return {
      ...info,
      kind: kind === 'p' ? 'partitioned' : 'plain',
      quoted: quoted(info.schema, info.name),
      denied: deniedBecause(info, io.pgVersion()),
    };
  });
}

function deniedBecause(
  table: {schema: string; owner: string; runs_as: string | null; schema_usage: boolean},
  major: number,
) {
  if (!table.schema_usage) return `no USAGE on schema ${table.schema}`;
  if (table.runs_as !== null) return undefined;
  return major >= 17 ? 'no MAINTAIN privilege' : `only its owner ${table.owner} may`;
}
