import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {secret} from '../core/secret.ts';
import {openSecrets, type SecretKey} from '../io/secrets.ts';
import {runTransaction} from '../io/transaction.ts';
import type {Receiver} from './receiver.ts';
import type {NotifySession} from './session.ts';

/** The keys that secrets may be encrypted under: the present one, and while it is changed the next one. */
export type SecretKeys = {
  readonly keys: readonly SecretKey[];
  /** Why there is none. */
  readonly missing: string | undefined;
};

/**
 * Reads the enabled configurations and opens their secrets, of those alone that are new or changed since `before`. A
 * secret that does not open is the fault of its own receiver only. Rejects with the driver's error.
 */
export async function readReceivers(
  session: Pick<NotifySession, 'query' | 'client'>,
  keys: SecretKeys,
  before: ReadonlyMap<string, Receiver> = new Map(),
): Promise<readonly Receiver[]> {
  const receivers: Receiver[] = [];
  for (const row of await session.query('notify/receivers')) {
    const known = before.get(String(row.id));
    const isOpen = known?.version === Number(row.version) && known.locked === undefined;
    const {secret: opened, locked} = isOpen ? known : await openedSecret(session, row, keys);
    receivers.push({
      id: String(row.id),
      name: sanitise(String(row.name), 100),
      channel: sanitise(String(row.channel), 20),
      target: row.target === null ? undefined : String(row.target),
      eventTypes: JSON.parse(String(row.event_types)) as readonly string[],
      minSeverity: String(row.min_severity),
      version: Number(row.version),
      secret: opened,
      locked,
    });
  }
  return receivers;
}

async function openedSecret(
  {client}: Pick<NotifySession, 'client'>,
  row: Readonly<Record<string, unknown>>,
  {keys, missing}: SecretKeys,
): Promise<Pick<Receiver, 'secret' | 'locked'>> {
  const none = secret(undefined);
  if (row.secret_key_id === null) return {secret: none, locked: undefined};
  const key = keys.find(({id}) => id === row.secret_key_id);
  if (!key) {
    const other = keys.map(({id}) => id).join(', ');
    const locked = missing ?? `its secret is under key ${sanitise(String(row.secret_key_id), 64)}, not ${other}`;
    return {secret: none, locked};
  }
  try {
    const opened = await runTransaction(client, {}, () => openSecrets(client, key, String(row.id)));
    return {secret: opened.get(String(row.id)) ?? none, locked: undefined};
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return {secret: none, locked: `${error.message} ${error.next}`.trim()};
  }
}
