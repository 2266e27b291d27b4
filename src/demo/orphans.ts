import {lstat, readdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {releaseSharedMemory} from './cluster.ts';
import {endProc, findProc, isRunning, type Proc, procSchema, procsIn, textOr} from './process.ts';
import {makeTempDir, removeDir, type TempDir, tempBases} from './temp-dir.ts';

const OWNER_FILE = 'owner.json';
// A directory is without an owner's name for some milliseconds; after a minute its maker must have died.
const UNOWNED_MS = 60_000;

/** Makes a private directory that names its owner, the process whose end makes it an orphan. Default: this process. */
export async function makeOwnedTempDir(prefix: string, bases?: readonly string[], owner?: Proc): Promise<TempDir> {
  const tempDir = await makeTempDir(prefix, bases);
  const proc = owner ?? (await findProc(process.pid));
  await writeFile(join(tempDir.dir, OWNER_FILE), JSON.stringify(proc), {mode: 0o600});
  return tempDir;
}

/** Clears what earlier processes left under that prefix, and makes a private directory of this process. */
export async function makeSweptTempDir(prefix: string): Promise<TempDir> {
  await sweepOrphans(prefix);
  return makeOwnedTempDir(prefix);
}

/**
 * Ends every process in a private directory and removes it, for directories whose owner is dead or gives them up.
 * PostgreSQL is stopped as in a crash, since nobody will read its data again. True when nothing is left.
 */
export async function clearTempDir(dir: string): Promise<boolean> {
  // In rounds: a process that was just starting may have started others; without the directory none can.
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

// A private directory may hold others: that of a test run does.
async function dataDirsIn(dir: string): Promise<readonly string[]> {
  const below = await readdir(dir).catch(() => []);
  return ['.', ...below].map(name => join(dir, name, 'pg', 'data'));
}

const postmasterOf = async (dataDir: string): Promise<number> =>
  Number((await textOr(join(dataDir, 'postmaster.pid'))).split('\n')[0]);

/**
 * Clears the private directories of that prefix whose owner is dead: leftovers of a kill -9 of console and keeper
 * together, or of a power cut. Only those of our own user count. Returns the cleared ones.
 */
export async function sweepOrphans(prefix: string, bases: readonly string[] = tempBases()): Promise<readonly string[]> {
  const cleared: string[] = [];
  for (const base of bases) {
    const names = await readdir(base).catch(() => []);
    for (const name of names.filter(name => name.startsWith(prefix))) {
      const dir = join(base, name);
      if ((await isOrphan(dir)) && (await clearTempDir(dir))) cleared.push(dir);
    }
  }
  return cleared;
}

async function isOrphan(dir: string): Promise<boolean> {
  const stat = await lstat(dir).catch(() => undefined);
  if (!stat?.isDirectory() || stat.uid !== process.geteuid?.()) return false;
  const owner = await readOwner(dir);
  if (owner) return !(await isRunning(owner));
  return Date.now() - stat.mtimeMs > UNOWNED_MS && (await procsIn(dir)).length === 0;
}

async function readOwner(dir: string): Promise<Proc | undefined> {
  try {
    return procSchema.parse(JSON.parse(await readFile(join(dir, OWNER_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}
