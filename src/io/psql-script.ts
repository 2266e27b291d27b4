import pg from 'pg';
import type {Env} from '../core/env.ts';

/** One step of a psql script, with its variables substituted. */
export type ScriptItem = {
  /** `gexec`: a query whose result cells are statements to run. `connect`: continue in the database `text`. */
  readonly kind: 'statement' | 'gexec' | 'connect';
  readonly text: string;
  /** Line of the file on which it starts, from 1. */
  readonly line: number;
  /** Name in the last `-- @section NAME` line before it; `always` before the first. */
  readonly section: string;
};

/**
 * Parses a psql script, so that a machine without psql runs the same files. `given` are variables as psql's -v sets them.
 * Understands what our set-up scripts use: statements with every kind of quoting, `:name`, `:'name'`, `:"name"`, and the
 * commands `\set NAME VALUE`, ``\set NAME `printf %s "${VARIABLE:-default}"` ``, `\if :{?NAME}`, `\else`, `\endif`,
 * `\connect NAME` and `\gexec`. `\ir setup/connect.sql` connects to the database in the variable trading_db; any other
 * `\ir FILE` is skipped: psql reads the migrations there, which the set-up applies itself. Throws on any other command.
 */
export function readPsqlScript(
  text: string,
  env: Env,
  given: Readonly<Record<string, string>> = {},
): readonly ScriptItem[] {
  const reader = makeReader(env, new Map(Object.entries(given)));
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const piece = nextPiece(text, at);
    const raw = text.slice(at, at + piece.length);
    reader.take(piece, raw, line);
    line += newlines(raw);
    at += piece.length;
  }
  return reader.end();
}

function makeReader(env: Env, variables: Map<string, string>) {
  const items: ScriptItem[] = [];
  let section = 'always';
  let statement = '';
  let start = {line: 1, section};
  // Of each open \if, whether its present branch is read.
  const branches: boolean[] = [];
  const finish = (kind: ScriptItem['kind'], body: string) => {
    if (body.trim() !== '') items.push({kind, text: body.trim(), ...start});
    statement = '';
  };
  const connect = (database: string, line: number) => {
    // As it is: a name may begin or end with a blank.
    items.push({kind: 'connect', text: database, line, section});
  };
  const command = (raw: string, line: number): void => {
    const [, name = '', rest = ''] = /^\\(\w+)[ \t]*(.*)$/.exec(raw) ?? [];
    if (name !== 'gexec' && statement.trim() !== '') throw new Error(`line ${line}: \\${name} within a statement`);
    if (branch(name, rest, {branches, variables, line}) || branches.includes(false)) return;
    if (name === 'gexec') finish('gexec', statement);
    else if (name === 'set') setVariable(rest, env, variables, line);
    else if (name === 'connect') connect(substitute(rest.trim(), variables), line);
    else if (name !== 'ir') throw new Error(`line ${line}: \\${name} is not supported here`);
    else if (rest.trim() === 'setup/connect.sql') connect(variables.get('trading_db') ?? '', line);
  };
  const take = (piece: Piece, raw: string, line: number): void => {
    if (piece.kind === 'comment') {
      section = /^--\s*@section\s+(\S+)/.exec(raw)?.[1] ?? section;
      statement += statement.trim() === '' ? '' : ' ';
    } else if (piece.kind === 'command') command(raw, line);
    else if (branches.includes(false)) return;
    else if (piece.kind === 'end') finish('statement', statement);
    else {
      if (statement.trim() === '') {
        const blank = /^\s*/.exec(raw)?.[0] ?? '';
        start = {line: line + newlines(blank), section};
      }
      statement += piece.kind === 'plain' ? substitute(raw, variables) : raw;
    }
  };
  const end = (): readonly ScriptItem[] => {
    if (branches.length > 0) throw new Error('an \\if has no \\endif');
    if (statement.trim() !== '') throw new Error(`line ${start.line}: the last statement has no semicolon`);
    return items;
  };
  return {take, end};
}

type Branching = {
  readonly branches: boolean[];
  readonly variables: ReadonlyMap<string, string>;
  readonly line: number;
};

/** Enters, changes or leaves a branch; false for any other command. */
function branch(name: string, rest: string, {branches, variables, line}: Branching): boolean {
  if (name === 'if') {
    const [, asked] = /^:\{\?(\w+)\}\s*$/.exec(rest) ?? [];
    if (asked === undefined) throw new Error(`line ${line}: \\if ${rest} is not supported here`);
    branches.push(variables.has(asked));
  } else if (name === 'else' || name === 'endif') {
    const now = branches.pop();
    if (now === undefined) throw new Error(`line ${line}: \\${name} without \\if`);
    if (name === 'else') branches.push(!now);
  } else return false;
  return true;
}

type Piece = {readonly kind: 'plain' | 'quoted' | 'comment' | 'command' | 'end'; readonly length: number};

const newlines = (text: string): number => text.split('\n').length - 1;

// The beginnings of what is not plain text. A dollar sign within a word begins nothing.
const SPECIAL = /--|\/\*|[eE]'|['";\\]|(?<![\w$])\$(?:[A-Za-z_]\w*)?\$/g;

function nextPiece(text: string, at: number): Piece {
  // An E at the end of a word (`value'…`) does not begin an escape string.
  SPECIAL.lastIndex = at;
  let m = SPECIAL.exec(text);
  while (m && /^[eE]'/.test(m[0]) && m.index > at && /\w/.test(text[m.index - 1] as string)) {
    SPECIAL.lastIndex = m.index + 1;
    m = SPECIAL.exec(text);
  }
  // `:'name'` and `:"name"` are variables and stay plain text.
  while (m && (m[0] === "'" || m[0] === '"') && text[m.index - 1] === ':' && text[m.index - 2] !== ':') {
    const close = text.indexOf(m[0], m.index + 1);
    SPECIAL.lastIndex = close < 0 ? text.length : close + 1;
    m = SPECIAL.exec(text);
  }
  if (!m) return {kind: 'plain', length: text.length - at};
  if (m.index > at) return {kind: 'plain', length: m.index - at};
  const mark = m[0];
  if (mark === ';') return {kind: 'end', length: 1};
  if (mark === '\\') return {kind: 'command', length: lineLength(text, at)};
  if (mark === '--') return {kind: 'comment', length: lineLength(text, at)};
  if (mark === '/*') return {kind: 'comment', length: blockComment(text, at)};
  if (mark.startsWith('$'))
    return {kind: 'quoted', length: through(text, at, text.indexOf(mark, at + mark.length), mark.length)};
  const pattern =
    mark === '"' ? /"(?:[^"]|"")*"/y : mark === "'" ? /'(?:[^']|'')*'/y : /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y;
  pattern.lastIndex = at;
  const quoted = pattern.exec(text);
  return {kind: 'quoted', length: quoted ? quoted[0].length : through(text, at, -1, 0)};
}

function through(text: string, at: number, close: number, markLength: number): number {
  if (close < 0) throw new Error(`line ${newlines(text.slice(0, at)) + 1}: unterminated quote`);
  return close + markLength - at;
}

function lineLength(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return (end < 0 ? text.length : end) - at;
}

// Block comments nest.
function blockComment(text: string, at: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  let depth = 0;
  for (let m = mark.exec(text); m; m = mark.exec(text)) {
    depth += m[0] === '/*' ? 1 : -1;
    if (depth === 0) return m.index + 2 - at;
  }
  return through(text, at, -1, 0);
}

function setVariable(rest: string, env: Env, variables: Map<string, string>, line: number): void {
  const [, name = '', value = ''] = /^(\w+)[ \t]*(.*?)[ \t]*$/.exec(rest) ?? [];
  const fromEnv = /^`printf %s "\$\{(\w+):-([\w.-]*)\}"`$/.exec(value);
  if (fromEnv) variables.set(name, env[fromEnv[1] as string] || (fromEnv[2] as string));
  else if (name !== '' && /^[\w.-]*$/.test(value)) variables.set(name, value);
  else throw new Error(`line ${line}: \\set ${rest} is not supported here`);
}

// `::` is a cast; a name that was not set stays unchanged, as in psql.
function substitute(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/(?<!:):(?:'(\w+)'|"(\w+)"|([A-Za-z_]\w*))/g, (whole, literal, identifier, bare) => {
    const value = variables.get(literal ?? identifier ?? bare);
    if (value === undefined) return whole;
    if (literal) return pg.escapeLiteral(value);
    return identifier ? pg.escapeIdentifier(value) : value;
  });
}
