import {randomBytes, scryptSync} from 'node:crypto';
import pg from 'pg';
import {failureOf, UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {type Secret, secret} from '../core/secret.ts';
import {OptimisticLockError} from './locking.ts';
import {readStatement} from './sql.ts';

/** The key that encrypts notification secrets. Printing it shows its id only. */
export type SecretKey = {
  /** Eight hex digits that tell one key from another; stored beside each secret. */
  readonly id: string;
  readonly key: Secret;
};

/** One notification configuration, and the key that encrypts its secret, if it has one. */
export type SecretHolder = {
  readonly id: string;
  readonly name: string;
  readonly channel: string;
  readonly target: string | undefined;
  readonly keyId: string | undefined;
  readonly version: number;
};

const MIN_KEY_LENGTH = 32;
const CHANGE_KEY = 'Pass the key that encrypts them, or change it for all: tradetop maintain rotate-secrets';

/** A new key of 256 random bits, as text. */
export const newSecretKey = (): string => randomBytes(32).toString('base64url');

/**
 * Makes a key from its text, which must have 32 characters or more. scrypt derives the id, so that guessing a key by
 * its id costs no less than guessing it by a secret. Takes about 0.1 s: call it once.
 */
export function secretKey(text: string | undefined, variable = 'TRADETOP_SECRET_KEY'): SecretKey {
  if (text === undefined || text === '') {
    throw new UserError(
      'There is no key for the notification secrets.',
      `Set ${variable}; tradetop secret new-key makes one.`,
    );
  }
  if (text.length < MIN_KEY_LENGTH || !isText(text)) {
    throw new UserError(
      `${variable} is too short: a key has at least ${MIN_KEY_LENGTH} characters.`,
      'Make one: tradetop secret new-key',
    );
  }
  return {
    id: scryptSync(text, 'tradetop secret key id', 4, {N: 2 ** 15, maxmem: 2 ** 26}).toString('hex'),
    key: secret(text),
  };
}

/** Lists the notification configurations, all or the one of that name, and the keys that encrypt their secrets. */
export async function listSecrets(client: pg.ClientBase, name?: string): Promise<readonly SecretHolder[]> {
  const {rows} = await client.query<Record<string, unknown>>(readStatement('secrets/list'), [name ?? null]);
  return rows.map(row => ({
    id: String(row.id),
    name: sanitise(String(row.name)),
    channel: sanitise(String(row.channel)),
    target: row.target === null ? undefined : sanitise(String(row.target)),
    keyId: row.secret_key_id === null ? undefined : sanitise(String(row.secret_key_id)),
    version: Number(row.version),
  }));
}

/**
 * Encrypts a secret into one configuration with pgcrypto (AES-256, OpenPGP with its integrity code), and returns the
 * new version. Key and secret are sent as COPY data: they are in no statement, so that no view, log or statistics of
 * the server can contain them, whatever its settings. The network still carries them: use TLS. Call it inside a
 * transaction. One key encrypts all secrets: another one is refused. Throws an OptimisticLockError when the row was
 * changed meanwhile.
 */
export async function storeSecret(
  client: pg.ClientBase,
  holder: Pick<SecretHolder, 'id' | 'version'>,
  text: string,
  key: SecretKey,
): Promise<number> {
  if (text === '' || !isText(text)) throw new UserError('A secret must be text and not empty.', 'Nothing was stored.');
  const schema = await pgcrypto(client);
  await client.query(readStatement('secrets/lock'));
  const all = await listSecrets(client);
  refuseOtherKeys(
    all.filter(s => s.id !== holder.id),
    key,
  );
  await pass(client, {key: key.key() as string, text});
  const {rows} = await client.query(readStatement('secrets/store', {pgcrypto: schema}), [
    holder.id,
    holder.version,
    key.id,
  ]);
  if (rows[0]) return Number(rows[0].version);
  const table = 'notification.notification_configs';
  throw new OptimisticLockError(
    {table, ...holder},
    all.find(s => s.id === holder.id),
  );
}

/**
 * Decrypts the secrets of all configurations or of one, by configuration id. The key is sent as in `storeSecret`; the
 * surrounding transaction must not be read-only, since COPY is not allowed there. A wrong key is a UserError, never
 * garbage.
 */
export async function openSecrets(
  client: pg.ClientBase,
  key: SecretKey,
  id?: string,
): Promise<ReadonlyMap<string, Secret>> {
  const schema = await pgcrypto(client);
  const held = (await listSecrets(client)).filter(s => id === undefined || s.id === id);
  refuseOtherKeys(held, key);
  await pass(client, {key: key.key() as string});
  const {rows} = await decrypting(client.query(readStatement('secrets/open', {pgcrypto: schema}), [id ?? null]), key);
  return new Map(rows.map(row => [String(row.id), secret(row.secret)]));
}

/**
 * Encrypts every secret with another key and returns their number. Call it inside a transaction: all of them or none. A
 * secret that the old key cannot decrypt is a UserError before anything is changed. The new key has decrypted each when
 * this returns.
 */
export async function rotateSecrets(client: pg.ClientBase, from: SecretKey, to: SecretKey): Promise<number> {
  if (from.id === to.id)
    throw new UserError('The new key is the same as the old one.', 'Make one: tradetop secret new-key');
  const schema = await pgcrypto(client);
  await client.query(readStatement('secrets/lock'));
  const held = (await listSecrets(client)).filter(s => s.keyId !== undefined);
  refuseOtherKeys(held, from);
  await pass(client, {old_key: from.key() as string, key: to.key() as string});
  const {rows} = await decrypting(client.query(readStatement('secrets/rotate', {pgcrypto: schema}), [to.id]), from);
  const opened = await openSecrets(client, to);
  if (rows.length !== held.length || opened.size !== held.length) {
    throw new Error(`${held.length} secrets, ${rows.length} rotated, ${opened.size} decrypted with the new key`);
  }
  return rows.length;
}

function refuseOtherKeys(held: readonly SecretHolder[], key: SecretKey): void {
  const others = held.filter(s => s.keyId !== undefined && s.keyId !== key.id);
  if (others[0] === undefined) return;
  const rest = others.length > 1 ? ` and ${others.length - 1} more` : '';
  throw new UserError(
    `The secret of ${others[0].name}${rest} is encrypted under key ${others[0].keyId}, not under this one (${key.id}).`,
    CHANGE_KEY,
  );
}

// pgcrypto reports "Wrong key or corrupt data", and other words for other results of a wrong key.
async function decrypting<T>(query: Promise<T>, key: SecretKey): Promise<T> {
  try {
    return await query;
  } catch (error) {
    if (failureOf(error).sqlstate !== '39000') throw error;
    throw new UserError(
      `Key ${key.id} does not decrypt the secrets: ${sanitise((error as Error).message)}.`,
      'Nothing was changed. Check the key; a damaged secret can only be set again: tradetop secret set NAME',
    );
  }
}

async function pgcrypto(client: pg.ClientBase): Promise<string> {
  if (client.getTransactionStatus() !== 'T') throw new TypeError('secrets are read and written inside a transaction');
  const {rows} = await client.query<{schema: string}>(readStatement('secrets/pgcrypto'));
  if (rows[0]) return rows[0].schema;
  throw new UserError(
    'The extension pgcrypto is not installed.',
    'As a superuser in the trading database: CREATE EXTENSION pgcrypto;',
  );
}

const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/**
 * Sends values as COPY data in binary format: an error's context would show a line of the text format, and so its
 * values.
 */
function pass(client: pg.ClientBase, values: Readonly<Record<string, string>>): Promise<void> {
  const rows = Object.entries(values).map(pair => Buffer.concat([int16(2), ...pair.map(field)]));
  const data = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8), ...rows, int16(-1)]);
  return new Promise((resolve, reject) => {
    const query = new pg.Query(readStatement('secrets/pass'), error => (error ? reject(error) : resolve()));
    const copy = query as unknown as {handleCopyInResponse: (connection: CopyConnection) => void};
    copy.handleCopyInResponse = connection => {
      connection.sendCopyFromChunk(data);
      connection.endCopyFrom();
    };
    client.query(query);
  });
}

type CopyConnection = {readonly sendCopyFromChunk: (chunk: Buffer) => void; readonly endCopyFrom: () => void};

function int16(n: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(n);
  return bytes;
}

function field(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
