import {z} from 'zod';
import {failureOf} from '../core/errors.ts';
import type {Io} from '../io/io.ts';
import type {Target} from './target.ts';

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

/** A table as maintenance needs it. Names are as in the catalogue: quote them for statements, sanitise them to show. */
export type TableInfo = Omit<z.infer<typeof row>, 'kind'> & {
  readonly kind: 'plain' | 'partitioned';
  /** Its identifiers for a statement. */
  readonly names: {readonly schema: string; readonly table: string};
  /** Why this role may not maintain it; undefined: it may. */
  readonly denied: string | undefined;
};

/** The tables of a target; a partitioned table brings its partitions. Empty: the target does not exist. */
export async function listTables(io: Io, target: Target): Promise<readonly TableInfo[]> {
  const schema = 'schema' in target ? target.schema : null;
  const name = target.kind === 'table' ? target.name : null;
  const ask = (measure: boolean) => io.query('actions/tables', [schema, name, measure]);
  // Measuring waits for AccessExclusive locks of tables and indexes: at a lock timeout the plan does without sizes.
  const rows = await ask(true).catch(error => {
    if (failureOf(error).sqlstate === '55P03') return ask(false);
    throw error;
  });
  return rows.map(raw => {
    const {kind, ...info} = row.parse(raw);
    return {
      ...info,
      kind: kind === 'p' ? 'partitioned' : 'plain',
      names: {schema: info.schema, table: info.name},
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
