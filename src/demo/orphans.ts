import {lstat, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {releaseSharedMemory} from './cluster.ts';
import {endProc, findProc, isRunning, type Proc, procSchema, procsIn, textOr} from './process.ts';
import {makePlace, removeDir, type TempDir, tempDirs} from './temp-dir.ts';

const OWNER_FILE = 'owner.json';
// Between the making of a directory and the writing of its owner's name lie milliseconds; a minute is an accident.
const NAMELESS_MS = 60_000;

/** Makes a private directory that says which process it lives and dies with (ourselves unless told otherwise). */
export async function makeOwnedPlace(prefix: string, bases?: readonly string[], owner?: Proc): Promise<TempDir> {
  const place = await makePlace(prefix, bases);
  const proc = owner ?? (await findProc(process.pid));
  await writeFile(join(place.dir, OWNER_FILE), JSON.stringify(proc), {mode: 0o600});
  return place;
}

/** A private directory of ours, after what earlier ones of that prefix left was cleared. */
export async function makeSweptPlace(prefix: string): Promise<TempDir> {
  await sweepOrphans(prefix);
  return makeOwnedPlace(prefix);
}

/**
 * Ends every process that lives in a private directory and removes it. For places whose owner is dead or gives them up: PostgreSQL is
 * stopped like in a crash, since nobody will read its data again. True when nothing is left.
 */
export async function clearPlace(dir: string): Promise<boolean> {
  // More than once: what was being started meanwhile may have started something; without the directory nothing can.
  for (let round = 0; round < 5; round++) {
    await endAllIn(dir);
    if ((await removeDir(dir)) && (await procsIn(dir)).length === 0) return true;
  }
  return false;
}

async function endAllIn(dir: string): Promise<void> {
  const dataDirs = await dataDirsIn(dir);
  const postmasters = await Promise.all(dataDirs.map(postmasterOf));
  const end = (proc: Proc): Promise<boolean> =>
    endProc(proc, [
      [postmasters.includes(proc.pid) ? 'SIGQUIT' : 'SIGTERM', 3000],
      ['SIGKILL', 2000],
    ]);
  await Promise.all((await procsIn(dir)).map(end));
  await Promise.all(dataDirs.map(releaseSharedMemory));
}

// A place may hold places of its own: a test run's does.
async function dataDirsIn(dir: string): Promise<readonly string[]> {
  const below = await readdir(dir).catch(() => []);
  return ['.', ...below].map(name => join(dir, name, 'pg', 'data'));
}

const postmasterOf = async (dataDir: string): Promise<number> =>
  Number((await textOr(join(dataDir, 'postmaster.pid'))).split('\n')[0]);

/**
 * Clears the private directories of that prefix whose owner is dead: what a kill -9 of console and keeper together, or
 * a power cut, left. Only our own user's are looked at. Gives those that were cleared.
 */
export async function sweepOrphans(prefix: string, bases: readonly string[] = tempDirs()): Promise<readonly string[]> {
  const cleared: string[] = [];
  for (const base of bases) {
    const names = await readdir(base).catch(() => []);
    for (const name of names.filter(name => name.startsWith(prefix))) {
      const dir = join(base, name);
      if ((await isOrphan(dir)) && (await clearPlace(dir))) cleared.push(dir);
    }
  }
  return cleared;
}

async function isOrphan(dir: string): Promise<boolean> {
  const stat = await lstat(dir).catch(() => undefined);
  if (!stat?.isDirectory() || stat.uid !== process.geteuid?.()) return false;
  const owner = await readOwner(dir);
  if (owner) return !(await isRunning(owner));
  return Date.now() - stat.mtimeMs > NAMELESS_MS && (await procsIn(dir)).length === 0;
}

async function readOwner(dir: string): Promise<Proc | undefined> {
  try {
    return procSchema.parse(JSON.parse(await readFile(join(dir, OWNER_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}
