import {UserError} from '../core/errors.ts';
import {distance} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import {findSessions} from './find-sessions.ts';
import type {Target} from './target.ts';
import {parseName, targetName} from './target.ts';

const MAX_SUGGESTIONS = 3;

type Named = Extract<Target, {readonly kind: 'database' | 'schema' | 'table' | 'index'}>;

type Part = {readonly name: string; readonly quoted: boolean};

/**
 * Finds the target of one of these kinds that a name means: `execution.trades`, a schema, a table or index that is the only one of its
 * name, or the database itself; or sessions by their process ids. Quotes and case are read as in SQL. Throws a UserError: with similar names where it means nothing, with
 * all its meanings where it means several things.
 */
export async function findTarget(
  io: Io,
  text: string,
  {database, kinds}: {readonly database: string; readonly kinds: readonly Target['kind'][]},
): Promise<Target> {
  if (kinds.includes('sessions')) return findSessions(io, text);
  const parts = parseName(text);
  if (!parts) throw new UserError(`${sanitise(text)} is not a name.`, 'Write schema.table, a schema or a database.');
  const rows = await io.query('actions/names');
  const known: readonly Named[] = [
    {kind: 'database'},
    ...rows.flatMap((r): Named[] => {
      const [schema, name] = [String(r.schema), String(r.name)];
      if (r.kind === 'schema') return [{kind: 'schema', schema}];
      if (r.kind === 'table') return [{kind: 'table', schema, name}];
      return kinds.includes('index') ? [{kind: 'index', schema, name}] : [];
    }),
  ];
  // As written first, then in lower case where it was not quoted.
  for (const same of [exactly, folded]) {
    const found = known.filter(target => matchesTarget(parts, target, database, same));
    if (found.length > 1) {
      throw new UserError(
        `${sanitise(text)} can mean ${found.map(t => described(t, database)).join(' or ')}.`,
        'Write schema.table for a table; leave the target out for the whole database.',
      );
    }
    if (found[0]) return found[0];
  }
  const near = nearNames(text, known, database);
  throw new UserError(
    `There is no table, schema or database ${sanitise(text)} here.`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Write schema.table, a schema or a database.',
  );
}

const exactly = (part: Part, name: string): boolean => part.name === name;
const folded = (part: Part, name: string): boolean => !part.quoted && part.name.toLowerCase() === name;

function matchesTarget(
  parts: readonly Part[],
  target: Named,
  database: string,
  same: (part: Part, name: string) => boolean,
): boolean {
  const [first, second] = parts as readonly [Part, Part | undefined];
  const named = target.kind === 'table' || target.kind === 'index';
  if (second) return named && same(first, target.schema) && same(second, target.name);
  if (target.kind === 'database') return same(first, database);
  return same(first, target.kind === 'schema' ? target.schema : target.name);
}

const described = (target: Named, database: string): string =>
  `${target.kind === 'database' ? 'the database' : `the ${target.kind}`} ${targetName(target, database)}`;

/** Up to three names that differ from `text` in few letters, the most similar first. */
function nearNames(text: string, known: readonly Named[], database: string): readonly string[] {
  const wanted = text.toLowerCase();
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const near = known
    .map(target => {
      const name = targetName(target, database);
      const bare = 'name' in target ? target.name : name;
      return {name, far: Math.min(distance(wanted, name.toLowerCase()), distance(wanted, bare.toLowerCase()))};
    })
    .filter(({far}) => far <= limit)
    .sort((a, b) => a.far - b.far);
  return near
    .filter(({far}) => far <= (near[0]?.far ?? 0) + 1)
    .slice(0, MAX_SUGGESTIONS)
    .map(({name}) => name);
}
