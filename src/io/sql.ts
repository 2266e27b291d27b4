/*
 * Where SQL comes from. Every statement is a file under sql/ and is asked for by its path without `.sql`: `monitor/trades`.
 *
 * - Values are parameters: `$1`, `$2`, …
 * - Identifiers, which no parameter can stand for, are psql's variables: `:"schema".:"table"`. The loader puts them in and
 *   quotes them, so that any name is safe. As they are psql's own, a file can be tried there: psql -v table=orders -f FILE.
 * - An identifier may be a list, as in `:"column" = $3,`. Its line is then repeated for each name, with the line's
 *   parameters counted on ($3, $4, …) and commas between; an empty list leaves the line out.
 * - `NAME@N.sql` is the variant for version N and newer, `NAME.sql` the one for all older versions, or for all.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import pg from 'pg';
import type {SqlNames} from './io.ts';
import {packageDir} from './package-dir.ts';

/** The files under sql/, by name. Read once, when made. */
export type SqlLibrary = {
  /** Absolute path of the sql directory. */
  readonly dir: string;
  /** Every name, variants folded: `monitor/trades`. */
  readonly names: () => readonly string[];
  /** The head comment of a name's file without `@N`, line by line and without its dashes. */
  readonly head: (name: string) => readonly string[];
  /**
   * The statement of that name for a version (PostgreSQL's major, or what its variants are named by; default 0): the
   * highest `@N` that is not newer, else the file without one. Without `identifiers` its `:"name"` stay, for showing
   * it. A comment in front tells our own statements apart in any view of the server; in monitoring statements
   * (`pg/session`, monitor/, verify/) it is repeated after the first word, since pg_stat_statements of PostgreSQL 18
   * drops it in front. Throws where there is no such statement, or an identifier is missing.
   */
  readonly statement: (name: string, version?: number, identifiers?: SqlNames) => string;
};

let own: SqlLibrary | undefined;

/** Every statement under `dir`; default: the package's own `sql/`, which is read once. */
export function loadSql(dir?: string): SqlLibrary {
  if (dir !== undefined) return readSql(dir);
  own ??= readSql(join(packageDir(), 'sql'));
  return own;
}

function readSql(dir: string): SqlLibrary {
  const statements = new Map<string, Variant[]>();
  for (const file of readdirSync(dir, {recursive: true, encoding: 'utf8'})) {
    const named = nameOf(file.replaceAll('\\', '/'));
    if (!named) continue;
    const variants = statements.get(named.name) ?? [];
    statements.set(named.name, [...variants, {from: named.from, text: readFileSync(join(dir, file), 'utf8')}]);
  }
  return {
    dir,
    names: () => [...statements.keys()].sort(),
    head: name => headOf(statements.get(name)?.find(v => v.from === 0)?.text ?? ''),
    statement: (name, version = 0, identifiers) =>
      compose(name, variantFor(name, version, statements.get(name) ?? []), identifiers),
  };
}

/**
 * One statement of the package's own, read when it is asked for: for functions that other programs call with nothing
 * but a client. Returns the same text as `loadSql().statement(name, 0, identifiers)`.
 */
export function readStatement(name: string, identifiers?: SqlNames): string {
  const dir = dirname(join(packageDir(), 'sql', name));
  const variants = readdirSync(dir).flatMap(file => {
    const named = nameOf(file);
    return named?.name === basename(name) ? [{from: named.from, text: readFileSync(join(dir, file), 'utf8')}] : [];
  });
  return compose(name, variantFor(name, 0, variants), identifiers);
}

type Variant = {readonly from: number; readonly text: string};

function nameOf(file: string): {readonly name: string; readonly from: number} | undefined {
  const [, name, from = 0] = /^(.*?)(?:@(\d+))?\.sql$/.exec(file) ?? [];
  return name === undefined ? undefined : {name, from: Number(from)};
}

function variantFor(name: string, version: number, variants: readonly Variant[]): string {
  const [newest] = variants.filter(v => v.from <= version).sort((a, b) => b.from - a.from);
  if (!newest) throw new Error(`no SQL named ${name} for version ${version}`);
  return newest.text;
}

const WATCHES = /^(?:pg\/session$|monitor\/|verify\/)/;

const headOf = (text: string): readonly string[] =>
  (/^(?:--[^\n]*\n)+/.exec(text)?.[0] ?? '')
    .split('\n')
    .slice(0, -1)
    .map(line => line.replace(/^-- ?/, '').trimEnd());

function compose(name: string, text: string, identifiers: SqlNames | undefined): string {
  const mark = `/* tradetop:${name} */`;
  const body = identifiers ? withIdentifiers(name, bodyOf(text), identifiers) : bodyOf(text);
  return `${mark} ${WATCHES.test(name) ? body.replace(/^\w+/, word => `${word} ${mark}`) : body}`;
}

// The head comment explains the file to people; the server need not parse or keep it.
const bodyOf = (text: string): string =>
  text
    .replace(/^(?:\s*--[^\n]*\n)+/, '')
    .trim()
    .replace(/;$/, '');

// After a colon it is a cast: `::"type"`.
const PLACEHOLDER = /(?<!:):"(\w+)"/g;

function withIdentifiers(statement: string, body: string, identifiers: SqlNames): string {
  const valuesOf = (name: string): readonly string[] => {
    const value = identifiers[name];
    if (value === undefined) throw new Error(`no identifier :"${name}" for ${statement}`);
    return typeof value === 'string' ? [value] : value;
  };
  return body
    .split('\n')
    .flatMap(line => {
      const lists = [...line.matchAll(PLACEHOLDER)].map(m => valuesOf(m[1] as string));
      const times = lists.find(list => list.length !== 1)?.length ?? 1;
      return Array.from({length: times}, (_, i) => {
        const comma = i < times - 1 && !line.trimEnd().endsWith(',') ? ',' : '';
        const counted = i === 0 ? line : line.replace(/\$(\d+)/g, (_whole, n: string) => `$${Number(n) + i}`);
        return `${counted.replace(PLACEHOLDER, (_whole, name: string) => quotedAt(valuesOf(name), i))}${comma}`;
      });
    })
    .join('\n');
}

const quotedAt = (values: readonly string[], i: number): string =>
  pg.escapeIdentifier((values.length === 1 ? values[0] : values[i]) as string);
