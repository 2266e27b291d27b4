import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {lstat, open, readdir, readFile, writeFile} from 'node:fs/promises';
import {join, relative, sep} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {z} from 'zod';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {CIPHERS, type Cipher} from './encryption.ts';

/** The two databases of a backup, each in a directory of that name. */
export const PARTS = ['trading', 'prefect'] as const;
export type BackupPart = (typeof PARTS)[number];

const file = z.strictObject({path: z.string(), bytes: z.number().int().nonnegative(), sha256: z.string().length(64)});
/** The name of a database's file in an encrypted backup, and of the roles'. */
export const sealed = (part: BackupPart | 'roles', cipher: Cipher): string =>
  `${part}.${part === 'roles' ? 'sql' : 'dump'}.${cipher}`;

const database = z.strictObject({
  part: z.enum(PARTS),
  name: z.string(),
  serverVersion: z.string(),
  serverMajor: z.number().int(),
  /** Size of the database on the server, in bytes. */
  bytes: z.number(),
  /** The last migration of the trading database. */
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
  /** The roles that it refers to; they must exist before it can be restored. */
  roles: z.array(z.string()),
});
const manifestSchema = z.strictObject({
  format: z.literal(1),
  tradetop: z.string(),
  pgDump: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  /** The program that encrypted the files; absent: they are not encrypted. */
  cipher: z.enum(CIPHERS).optional(),
  databases: z.array(database).min(1),
  files: z.array(file),
});

type BackupFile = Readonly<z.infer<typeof file>>;
export type BackedUp = Readonly<z.infer<typeof database>>;
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

const MANIFEST = 'manifest.json';
const SUM = 'manifest.json.sha256';
const UNUSABLE = 'Nothing was restored. Use another backup.';

/** Writes the manifest with size and checksum of every file in `dir`, and the manifest's own checksum beside it. */
export async function writeManifest(dir: string, about: Omit<Manifest, 'format' | 'files'>): Promise<Manifest> {
  const files: BackupFile[] = [];
  for (const path of await filesIn(dir)) files.push(await sum(dir, path));
  const manifest: Manifest = {format: 1, ...about, files};
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(join(dir, MANIFEST), text, {mode: 0o600});
  await writeFile(join(dir, SUM), `${sha256(text)}  ${MANIFEST}\n`, {mode: 0o600});
  return manifest;
}

/**
 * Reads a backup's manifest and compares every file with it. Throws a UserError that names a missing, changed or
 * additional file: a backup that was tampered with, truncated or never finished is not accepted.
 */
export async function verifyBackup(dir: string): Promise<Manifest> {
  const shown = sanitise(dir);
  const text = await readFile(join(dir, MANIFEST), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw unreadable(shown, error);
    throw new UserError(
      dir.replace(/\/+$/, '').endsWith('.partial')
        ? `${shown} is an unfinished backup.`
        : `${shown} is not a backup: it has no ${MANIFEST}.`,
      'Name the directory that tradetop backup --to made.',
    );
  });
  const expected = await readFile(join(dir, SUM), 'utf8').catch(() => '');
  if (expected.split(' ')[0] !== sha256(text)) throw damaged(shown, `${MANIFEST} was changed`);
  const parsed = manifestSchema.safeParse(parse(text));
  if (!parsed.success)
    throw new UserError(`${shown} was made by another version of tradetop: its ${MANIFEST} has another format.`);
  const there = new Set(await filesIn(dir));
  for (const {path, bytes, sha256: wanted} of parsed.data.files) {
    if (!there.delete(path)) throw damaged(shown, `${sanitise(path)} is missing`);
    const now = await sum(dir, path);
    if (now.bytes !== bytes) throw damaged(shown, `${sanitise(path)} has ${now.bytes} bytes instead of ${bytes}`);
    if (now.sha256 !== wanted) throw damaged(shown, `${sanitise(path)} was changed`);
  }
  for (const own of [MANIFEST, SUM]) there.delete(own);
  const [extra] = there;
  if (extra !== undefined) throw damaged(shown, `${sanitise(extra)} does not belong to it`);
  return parsed.data;
}

const damaged = (dir: string, what: string): UserError =>
  new UserError(`The backup ${dir} is damaged: ${what}.`, UNUSABLE);
const unreadable = (dir: string, error: NodeJS.ErrnoException): UserError =>
  new UserError(`Cannot read ${dir} (${error.code}).`, 'Check the path and its permissions.');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Relative paths of all files below, with slashes. Throws when there is anything but files and directories. */
async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, {recursive: true, withFileTypes: true});
  const odd = entries.find(e => !e.isFile() && !e.isDirectory());
  if (odd) throw damaged(sanitise(dir), `${sanitise(odd.name)} is not a file`);
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

/** Flushes everything in `dir` to disk: files first, then the directories that name them. */
export async function syncTree(dir: string): Promise<void> {
  for (const entry of await readdir(dir, {withFileTypes: true})) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else await syncPath(path);
  }
  await syncPath(dir);
}

/** Flushes one file or directory to disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
