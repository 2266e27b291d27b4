import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** The files under sql/, by name. Read once, when made. */
export type SqlLibrary = {
  /** Absolute path of the sql directory. */
  readonly dir: string;
  /** Every name, versions folded: `monitor/activity`. */
  readonly names: () => readonly string[];
  /** The head comment of a name's file without `@N`, line by line and without its dashes. */
  readonly head: (name: string) => readonly string[];
  /**
   * The statement of that name for a version (PostgreSQL's major, or what its variants are named by): the highest
   * `@N` that is not newer, else the file without one. Prefixed so that our own queries can be told apart in any view
   * of the server; what watches (`pg/session`, monitor/, verify/) is marked again after its first word, since
   * pg_stat_statements of PostgreSQL 18 drops what is in front.
   */
  readonly statement: (name: string, version: number) => string;
};

/** Where the package's own files lie: the directory above this file that holds `sql/`. */
export function packageDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'sql', 'pg', 'session.sql')) && dirname(dir) !== dir) dir = dirname(dir);
  return dir;
}

/** Reads every statement under `dir` (the package's own `sql/` unless told otherwise). */
export function loadSql(dir: string = join(packageDir(), 'sql')): SqlLibrary {
  const variants = new Map<string, {readonly from: number; readonly text: string}[]>();
  for (const file of readdirSync(dir, {recursive: true, encoding: 'utf8'}).sort()) {
    const m = /^(.*?)(?:@(\d+))?\.sql$/.exec(file.replaceAll('\\', '/'));
    if (!m?.[1]) continue;
    const list = variants.get(m[1]) ?? [];
    list.push({from: Number(m[2] ?? 0), text: readFileSync(join(dir, file), 'utf8')});
    variants.set(
      m[1],
      list.sort((a, b) => b.from - a.from),
    );
  }
  return {
    dir,
    names: () => [...variants.keys()],
    head: name => headOf(variants.get(name)?.find(v => v.from === 0)?.text ?? ''),
    statement: (name, version) => {
      const fit = variants.get(name)?.find(v => v.from <= version);
      if (!fit) throw new Error(`no SQL named ${name} for version ${version}`);
      const mark = `/* tradetop:${name} */`;
      const text = body(fit.text);
      return `${mark} ${WATCHES.test(name) ? text.replace(/^\w+/, word => `${word} ${mark}`) : text}`;
    },
  };
}

/**
 * One statement of the package's own, read when it is asked for: for functions that others call with nothing but a
 * client. What runs often, or has variants, comes from a library.
 */
export const readStatement = (name: string): string =>
  `/* tradetop:${name} */ ${body(readFileSync(join(packageDir(), 'sql', `${name}.sql`), 'utf8'))}`;

const WATCHES = /^(?:pg\/session$|monitor\/|verify\/)/;

const headOf = (text: string): readonly string[] =>
  (/^(?:--[^\n]*\n)+/.exec(text)?.[0] ?? '')
    .split('\n')
    .slice(0, -1)
    .map(line => line.replace(/^-- ?/, '').trimEnd());

// The head comment explains the file to people; the server need not parse or keep it.
const body = (text: string): string =>
  text
    .replace(/^(?:\s*--[^\n]*\n)+/, '')
    .trim()
    .replace(/;$/, '');
