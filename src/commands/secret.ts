import Table from 'cli-table3';
import type {Config} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {plural} from '../core/format.ts';
import {didYouMean} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {askSecret} from '../io/ask-secret.ts';
import {auditDataAccess} from '../io/audit.ts';
import {osUser} from '../io/os-user.ts';
import {openPg, type Pg} from '../io/pg.ts';
import {unusable} from '../io/pg-client.ts';
import {listSecrets, newSecretKey, openSecrets, type SecretHolder, secretKey, storeSecret} from '../io/secrets.ts';
import {loadSql} from '../io/sql.ts';
import {withTransaction} from '../io/transaction.ts';
import {defineCommand} from './shared/command.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** `tradetop secret`: the notification secrets, which are never shown. */
export const secretCommand = defineCommand({
  name: 'secret',
  summary: 'sets, lists and checks the encrypted secrets of notifications',
  args: 'list | set NAME | check | new-key',
  words: [1, 2],
  details: [
    'Secrets are encrypted in the database with a key that only their users have: TRADETOP_SECRET_KEY. Neither key nor secret',
    'is in a statement, a log or a backup in clear. set reads the secret from the terminal, or from standard input.',
    'To change the key: set TRADETOP_NEW_SECRET_KEY too, then run: tradetop maintain rotate-secrets',
  ].join('\n'),
  flags: {json: {type: 'boolean', help: 'list as one JSON document'}},
  run: async ({input, flags, config}) => {
    const [what = '', name] = input;
    if (what === 'new-key' && name === undefined) {
      print(newSecretKey());
      return 0;
    }
    if (what === 'list' && name === undefined) return inDatabase(config(), pg => list(pg, flags.json ?? false));
    if (what === 'check' && name === undefined) return inDatabase(config(), check);
    if (what === 'set' && name !== undefined) return inDatabase(config(), pg => set(pg, name, config().readOnly));
    throw new UserError(
      'tradetop secret takes: list, set NAME, check or new-key.',
      didYouMean(what, ['list', 'set', 'check', 'new-key'], 'See tradetop secret --help.'),
    );
  },
});

async function inDatabase(config: Config, work: (pg: Pg) => Promise<number>): Promise<number> {
  const pg = openPg(config.trading, loadSql(), {name: 'tradetop secret', max: 1, statementMs: 30_000, lockMs: 5000});
  try {
    await pg.withClient(async () => {}).catch((error: unknown) => Promise.reject(unusable(config.trading, error)));
    return await work(pg);
  } finally {
    await pg.close();
  }
}

async function list(pg: Pg, json: boolean): Promise<number> {
  const held = await pg.withClient(client => listSecrets(client));
  if (json) {
    const rows = held.map(({id, name, channel, target, keyId}) => ({
      id,
      name,
      channel,
      target: target ?? null,
      secret_key_id: keyId ?? null,
    }));
    print(JSON.stringify(rows, null, 2));
    return 0;
  }
  const table = new Table({head: ['name', 'channel', 'target', 'secret'], style: {head: [], border: []}});
  for (const {name, channel, target, keyId} of held) {
    table.push([name, channel, target ?? '', keyId === undefined ? 'none' : `under key ${keyId}`]);
  }
  print(held.length === 0 ? 'No notification is configured.' : table.toString());
  return 0;
}

async function check(pg: Pg): Promise<number> {
  const key = secretKey(process.env.TRADETOP_SECRET_KEY);
  const opened = await withTransaction(pg.pool, {}, ({client}) => openSecrets(client, key));
  print(`${plural(opened.size, 'secret opens', 'secrets open')} with key ${key.id}.`);
  return 0;
}

async function set(pg: Pg, name: string, readOnly: boolean): Promise<number> {
  if (readOnly) throw new UserError('This configuration is read-only.', 'To set a secret, use --no-read-only.');
  const key = secretKey(process.env.TRADETOP_SECRET_KEY);
  const [holder] = await pg.withClient(client => listSecrets(client, name));
  if (!holder) throw await unknown(pg, name);
  const text = await readSecret(holder);
  const table = 'notification.notification_configs';
  await withTransaction(pg.pool, {}, async ({client}) => {
    await storeSecret(client, holder, text, key);
    await auditDataAccess(client, {userId: osUser(), operation: 'set-secret', table, target: holder.name, rows: 1});
  });
  print(`The secret of ${holder.name} is set, under key ${key.id}.`);
  return 0;
}

async function unknown(pg: Pg, name: string): Promise<UserError> {
  const names = (await pg.withClient(client => listSecrets(client))).map(holder => holder.name);
  return new UserError(
    `There is no notification ${sanitise(name, 100)}.`,
    names.length > 0 ? `There are: ${names.join(', ')}.` : 'None is configured.',
  );
}

/** Reads the secret from the terminal without echo, or from standard input without the newline that `echo` adds. */
async function readSecret({name}: SecretHolder): Promise<string> {
  if (process.stdin.isTTY) {
    const typed = await askSecret(`Secret of ${name}: `, process.stdin, process.stderr).catch(() => undefined);
    if (typed === undefined) throw new UserError('No secret was given.', 'Nothing was stored.');
    return typed;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (text === '') throw new UserError('No secret was given.', 'Nothing was stored.');
  return text;
}
