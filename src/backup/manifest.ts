import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {lstat, open, readdir, readFile, writeFile} from 'node:fs/promises';
import {join, relative, sep} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {z} from 'zod';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';

/** The two databases of a backup, each in a directory of its name. */
export const PARTS = ['trading', 'prefect'] as const;
export type BackupPart = (typeof PARTS)[number];

const file = z.strictObject({path: z.string(), bytes: z.number().int().nonnegative(), sha256: z.string().length(64)});
const database = z.strictObject({
  part: z.enum(PARTS),
  name: z.string(),
  serverVersion: z.string(),
  serverMajor: z.number().int(),
  /** Size of the database on the server, in bytes. */
  bytes: z.number(),
  /** The newest migration of the trading database. */
  migration: z.string().optional(),
  encoding: z.string(),
  provider: z.enum(['c', 'i', 'b']),
  collate: z.string(),
  ctype: z.string(),
  locale: z.string().nullable(),
  owner: z.string(),
  comment: z.string().nullable(),
  /** Null: PostgreSQL's default. A null grantee is PUBLIC. */
  rights: z
    .array(z.strictObject({grantee: z.string().nullable(), privilege: z.string(), grantable: z.boolean()}))
    .nullable(),
  settings: z.array(z.strictObject({role: z.string().nullable(), name: z.string(), value: z.string()})),
  /** The roles that it names; they must be there before it can be restored. */
  roles: z.array(z.string()),
});
const manifest = z.strictObject({
  format: z.literal(1),
  tradetop: z.string(),
  pgDump: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  databases: z.array(database).min(1),
  files: z.array(file),
});

type BackupFile = Readonly<z.infer<typeof file>>;
export type BackedUp = Readonly<z.infer<typeof database>>;
export type Manifest = Readonly<z.infer<typeof manifest>>;

const MANIFEST = 'manifest.json';
const SUM = 'manifest.json.sha256';
const BROKEN = 'Nothing was restored. Use another backup.';

/** Writes the manifest, with the size and checksum of every file that is in `dir`, and a checksum of itself beside it. */
export async function writeManifest(dir: string, about: Omit<Manifest, 'format' | 'files'>): Promise<Manifest> {
  const files: BackupFile[] = [];
  for (const path of await filesIn(dir)) files.push(await sum(dir, path));
  const whole: Manifest = {format: 1, ...about, files};
  const text = `${JSON.stringify(whole, null, 2)}\n`;
  await writeFile(join(dir, MANIFEST), text, {mode: 0o600});
  await writeFile(join(dir, SUM), `${sha256(text)}  ${MANIFEST}\n`, {mode: 0o600});
  return whole;
}

/**
 * Reads a backup's manifest and compares every file with it. Throws a UserError that names what is missing, changed or too
 * much: a backup that was tampered with, cut short, or never finished is never taken for a whole one.
 */
export async function verifyBackup(dir: string): Promise<Manifest> {
  const shown = sanitise(dir);
  const text = await readFile(join(dir, MANIFEST), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw unreadable(shown, error);
    throw new UserError(
      dir.replace(/\/+$/, '').endsWith('.partial')
        ? `${shown} is a backup that was not finished.`
        : `${shown} is not a backup: it has no ${MANIFEST}.`,
      'Name the directory that tradetop backup --to made.',
    );
  });
  const said = await readFile(join(dir, SUM), 'utf8').catch(() => '');
  if (said.split(' ')[0] !== sha256(text)) throw broken(shown, `${MANIFEST} was changed`);
  const parsed = manifest.safeParse(parse(text));
  if (!parsed.success) throw new UserError(`${shown} was made by another tradetop: its ${MANIFEST} has another form.`);
  const there = new Set(await filesIn(dir));
  for (const {path, bytes, sha256: wanted} of parsed.data.files) {
    if (!there.delete(path)) throw broken(shown, `${sanitise(path)} is missing`);
    const now = await sum(dir, path);
    if (now.bytes !== bytes) throw broken(shown, `${sanitise(path)} has ${now.bytes} bytes instead of ${bytes}`);
    if (now.sha256 !== wanted) throw broken(shown, `${sanitise(path)} was changed`);
  }
  for (const own of [MANIFEST, SUM]) there.delete(own);
  const [extra] = there;
  if (extra !== undefined) throw broken(shown, `${sanitise(extra)} does not belong to it`);
  return parsed.data;
}

const broken = (dir: string, what: string): UserError =>
  new UserError(`The backup ${dir} is not whole: ${what}.`, BROKEN);
const unreadable = (dir: string, error: NodeJS.ErrnoException): UserError =>
  new UserError(`Cannot read ${dir} (${error.code}).`, 'Check the path and its rights.');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Paths of all that is below, relative, with slashes. Only plain files may be there. */
async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, {recursive: true, withFileTypes: true});
  const odd = entries.find(e => !e.isFile() && !e.isDirectory());
  if (odd) throw broken(sanitise(dir), `${sanitise(odd.name)} is not a file`);
  return entries
    .filter(e => e.isFile())
    .map(e => relative(dir, join(e.parentPath, e.name)).replaceAll(sep, '/'))
    .sort();
}

async function sum(dir: string, path: string): Promise<BackupFile> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(dir, path)), hash);
  return {path, bytes: (await lstat(join(dir, path))).size, sha256: hash.digest('hex')};
}

/** Makes all that is in `dir` safe from a power cut: files first, then the directories that name them. */
export async function syncTree(dir: string): Promise<void> {
  for (const entry of await readdir(dir, {withFileTypes: true})) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else await syncPath(path);
  }
  await syncPath(dir);
}

export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
