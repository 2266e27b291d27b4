import {z} from 'zod';
import type {Io} from '../io/io.ts';
import type {Target} from './target.ts';

const row = z.object({
  oid: z.number(),
  schema: z.string(),
  name: z.string(),
  table_oid: z.number(),
  table: z.string(),
  valid: z.boolean(),
  leftover: z.boolean(),
  unbuildable: z.boolean(),
  owner: z.string(),
  runs_as: z.string().nullable(),
  drops_as: z.string().nullable(),
  lends: z.boolean(),
  schema_usage: z.boolean(),
  bytes: z.coerce.number(),
});

/** An index as maintenance needs it. Names are as in the catalogue: quote them for statements, sanitise them to show. */
export type IndexInfo = z.infer<typeof row>;

/** The indexes of a target; a partitioned table or index brings those of its partitions. Empty: there is none. */
export async function listIndexes(io: Io, target: Target): Promise<readonly IndexInfo[]> {
  const schema = 'schema' in target ? target.schema : null;
  const table = target.kind === 'table' ? target.name : null;
  const index = target.kind === 'index' ? target.name : null;
  return (await io.query('actions/indexes', [schema, table, index])).map(raw => row.parse(raw));
}

/** Why this role may not build it anew; undefined: it may. */
export function buildDenied({schema, schema_usage, runs_as, owner, unbuildable}: IndexInfo, major: number) {
  if (unbuildable) return 'it keeps an exclusion constraint, which cannot be built concurrently';
  if (!schema_usage) return `no USAGE on schema ${schema}`;
  if (runs_as !== null) return undefined;
  return major >= 17 ? 'no MAINTAIN privilege on its table' : `only its owner ${owner} may`;
}

/** Why this role may not drop what a failed attempt left; undefined: it may. */
export const dropDenied = ({drops_as, lends, owner}: IndexInfo): string | undefined =>
  drops_as !== null || lends ? undefined : `only its owner ${owner} may drop it`;
