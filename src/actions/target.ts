import pg from 'pg';
import {type SafeText, sanitise} from '../core/sanitise.ts';

/** A session of the server: the process id alone may be another's by now. */
export type SessionId = {
  readonly pid: number;
  /** When it began, in the form of `isoMicros`. */
  readonly backendStart: string;
};

/** What an action works on. `schema` and `name` are as in the catalogue, unquoted. */
export type Target =
  | {readonly kind: 'database'}
  | {readonly kind: 'schema'; readonly schema: string}
  | {readonly kind: 'table'; readonly schema: string; readonly name: string}
  | {readonly kind: 'index'; readonly schema: string; readonly name: string}
  /** A strategy by its name in strategy_engine.strategies. */
  | {readonly kind: 'strategy'; readonly name: string}
  /** A month of the books: `2026-08`. */
  | {readonly kind: 'month'; readonly month: string}
  /** Rows of a table by their keys, as text. */
  | {readonly kind: 'rows'; readonly schema: string; readonly name: string; readonly keys: readonly string[]}
  | {readonly kind: 'sessions'; readonly sessions: readonly SessionId[]}
  /** A replication slot. */
  | {readonly kind: 'slot'; readonly name: string};

const PLAIN = /^[a-z_][a-z0-9_$]*$/;
const identifier = (name: string): string => (PLAIN.test(name) ? name : pg.escapeIdentifier(name));

/** A target as it is shown and typed: `execution.trades`, quoted where SQL needs it: `execution."Weird ""Name"`. */
export function targetName(target: Target, database: string): SafeText {
  if (target.kind === 'database') return sanitise(identifier(database));
  if (target.kind === 'schema') return sanitise(identifier(target.schema));
  if (target.kind === 'slot' || target.kind === 'strategy') return sanitise(target.name);
  if (target.kind === 'month') return sanitise(target.month);
  if (target.kind === 'sessions') return sanitise(sessionsName(target.sessions));
  const table = `${identifier(target.schema)}.${identifier(target.name)}`;
  return sanitise(target.kind === 'rows' ? `${table} ${target.keys.join(', ')}` : table);
}

/** One session by its process id, several by their number: `pid 4121`, `12 sessions`. */
const sessionsName = ([first, ...rest]: readonly SessionId[]): string =>
  rest.length === 0 ? `pid ${first?.pid ?? ''}` : `${rest.length + 1} sessions`;

/** The table that the audit log records for a target; the target itself where it is not a table. */
export function auditTable(target: Target, database: string): SafeText {
  if (target.kind === 'month') return sanitise('analytics.book_closings');
  if (target.kind === 'sessions') return sanitise('pg_stat_activity');
  if (target.kind === 'slot') return sanitise('pg_replication_slots');
  if (target.kind === 'strategy') return sanitise('strategy_engine.strategies');
  return targetName(target.kind === 'rows' ? {...target, kind: 'table'} : target, database);
}

/** A table's name for a statement: every part quoted. */
export const quoted = (schema: string, name: string): string =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;

/** The name of the advisory lock of an action and its target, the same for every client. */
export const lockName = (actionId: string, target: Target, database: string): string =>
  `tradetop action ${JSON.stringify([actionId, database, ...Object.values(target)])}`;

/**
 * Parses a name as SQL does: `a.b`, `"A".b`, `"with ""quotes"""`. Unquoted parts keep their case: the caller tries them
 * in lower case too. Undefined where it is not one or two names.
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
