import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdtemp, readdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

/** A cluster that was set up by an earlier demo and stopped cleanly: its data directory and its superuser's password. */
export type Template = {readonly dataDir: string; readonly password: string};

/** The kept cluster, in a directory of ours in the user's cache. */
export type Templates = {
  /** The cluster of this key; undefined where none is kept. */
  readonly find: () => Promise<Template | undefined>;
  /** Copies the data directory of a server that is stopped. Where that is not possible nothing is kept. */
  readonly keep: (dataDir: string, password: string) => Promise<void>;
};

/** What a template is made of, as a name: another release, schema, month (partitions) or program gives another. */
export async function templateKey(parts: readonly string[], sqlDir: string, program: string): Promise<string> {
  const hash = createHash('sha256');
  const {size, mtimeMs} = await stat(program);
  hash.update(JSON.stringify([...parts, program, size, mtimeMs, new Date().toISOString().slice(0, 7)]));
  for (const file of (await readdir(sqlDir, {recursive: true})).sort()) {
    if (file.endsWith('.sql')) hash.update(`${file}\0`).update(await readFile(join(sqlDir, file)));
  }
  return hash.digest('hex').slice(0, 24);
}

/** The template of this key below `base`; without a directory nothing is found or kept. */
export function openTemplates(base: string | undefined, key: string): Templates {
  if (base === undefined) return {find: async () => undefined, keep: async () => {}};
  const dir = join(base, key);
  const dataDir = join(dir, 'data');
  return {
    find: async () => {
      // A directory has its name only when it is whole.
      const password = await readFile(join(dir, 'password'), 'utf8').catch(() => undefined);
      return password === undefined ? undefined : {dataDir, password};
    },
    keep: async (from, password) => {
      let half = '';
      try {
        half = await mkdtemp(join(base, 'half-'));
        await copyDir(from, join(half, 'data'));
        // The next demo counts its own statements.
        for (const file of await readdir(join(half, 'data', 'pg_stat'))) await rm(join(half, 'data', 'pg_stat', file));
        await writeFile(join(half, 'password'), password, {mode: 0o600});
        await rename(half, dir);
        await removeOthers(base, key);
      } catch {
        // A full disk, or another demo that has kept the same meanwhile.
      } finally {
        if (half !== '') await rm(half, {recursive: true, force: true}).catch(() => {});
      }
    },
  };
}

/** Copies a data directory with owners and rights. */
export const copyDir = async (from: string, to: string): Promise<void> => void (await run('cp', ['-pR', from, to]));

const ABANDONED_MS = 600_000;

// Templates of other releases, and what demos that were killed had half copied.
async function removeOthers(base: string, key: string): Promise<void> {
  for (const name of await readdir(base)) {
    const age = Date.now() - (await stat(join(base, name))).mtimeMs;
    if (name !== key && (!name.startsWith('half-') || age > ABANDONED_MS))
      await rm(join(base, name), {recursive: true, force: true});
  }
}
