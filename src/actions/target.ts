import pg from 'pg';
import {type SafeText, sanitise} from '../core/sanitise.ts';

/** What an action works on. `schema` and `name` are as the catalogue has them, unquoted. */
export type Target =
  | {readonly kind: 'database'}
  | {readonly kind: 'schema'; readonly schema: string}
  | {readonly kind: 'table'; readonly schema: string; readonly name: string}
  /** Rows of a table by their keys, as text. */
  | {readonly kind: 'rows'; readonly schema: string; readonly name: string; readonly keys: readonly string[]};

const PLAIN = /^[a-z_][a-z0-9_$]*$/;
const word = (name: string): string => (PLAIN.test(name) ? name : pg.escapeIdentifier(name));

/** As it is shown and typed: `execution.trades`, quoted only where it must be: `execution."Weird ""Name"`. */
export function targetName(target: Target, database: string): SafeText {
  if (target.kind === 'database') return sanitise(word(database));
  if (target.kind === 'schema') return sanitise(word(target.schema));
  const table = `${word(target.schema)}.${word(target.name)}`;
  return sanitise(target.kind === 'rows' ? `${table} ${target.keys.join(', ')}` : table);
}

/** The table that the audit log names for a target; the target itself where it is no table. */
export const auditTable = (target: Target, database: string): SafeText =>
  targetName(target.kind === 'rows' ? {...target, kind: 'table'} : target, database);

/** As a statement names it: every part quoted. */
export const quoted = (schema: string, name: string): string =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;

/** Names the target for the lock: the same for every client, whatever the name holds. */
export const lockName = (actionId: string, target: Target, database: string): string =>
  `tradetop action ${JSON.stringify([actionId, database, ...Object.values(target)])}`;

/**
 * Reads the parts of a name as SQL does: `a.b`, `"A".b`, `"with ""quotes"""`. Unquoted parts are kept as written
 * (the caller tries them folded to lower case too). Undefined when it is not one or two names.
 */
export function parseName(text: string): readonly {readonly name: string; readonly quoted: boolean}[] | undefined {
  const part = /"((?:[^"]|"")+)"|([^".\s]+)/y;
  const parts: {readonly name: string; readonly quoted: boolean}[] = [];
  const all = text.trim();
  for (let at = 0; at <= all.length; at = part.lastIndex + 1) {
    part.lastIndex = at;
    const m = part.exec(all);
    if (!m) return undefined;
    parts.push(
      m[1] === undefined ? {name: m[2] as string, quoted: false} : {name: m[1].replaceAll('""', '"'), quoted: true},
    );
    if (part.lastIndex === all.length) return parts.length <= 2 ? parts : undefined;
    if (all[part.lastIndex] !== '.') return undefined;
  }
  return undefined;
}
