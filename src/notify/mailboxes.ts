import type {Delivery} from './delivery.ts';
import type {Told} from './edges.ts';
import type {Origin} from './formats.ts';
import {createMailbox, type Mailbox, type MailboxOptions} from './mailbox.ts';
import {readReceivers, type SecretKeys} from './receivers.ts';
import {keepChanges, readRecord} from './record.ts';
import type {NotifySession} from './session.ts';

/** The mailboxes of the enabled receivers, by the ids of their configurations. */
export type Mailboxes = ReadonlyMap<string, Mailbox>;

/** The present time, and how long bursts are gathered. */
export type Pacing = Pick<MailboxOptions, 'nowMs' | 'gatherMs'>;

/**
 * Makes the mailboxes as the database has them. Of those that this process had before, a message that it is sending goes
 * on as it is. Rejects with the driver's error.
 */
export async function loadMailboxes(
  session: NotifySession,
  keys: SecretKeys,
  pacing: Pacing,
  before: Mailboxes = new Map(),
): Promise<Mailboxes> {
  const known = new Map([...before].map(([id, mailbox]) => [id, mailbox.receiver()]));
  const receivers = await readReceivers(session, keys, known);
  const {told, waiting} = await readRecord(session);
  return new Map(
    receivers.map(receiver => {
      const old = before.get(receiver.id);
      const options = {
        told: withSeen(told.get(receiver.id) ?? new Map(), old),
        waiting: (waiting.get(receiver.id) ?? []).map(delivery => sameOf(delivery, old)),
        ...pacing,
      };
      return [receiver.id, createMailbox(receiver, options)] as const;
    }),
  );
}

const sameOf = (delivery: Delivery, old: Mailbox | undefined): Delivery =>
  old?.queue().find(({message}) => message.key === delivery.message.key) ?? delivery;

function withSeen(told: ReadonlyMap<string, Told>, old: Mailbox | undefined): ReadonlyMap<string, Told> {
  const seen = old?.told() ?? new Map<string, Told>();
  return new Map([...told].map(([alert, one]) => [alert, {...one, seen: seen.get(alert)?.seen ?? false}]));
}

/** The mailboxes after another look at the configurations: those that are gone, disabled, new or changed. */
export async function refreshMailboxes(
  session: NotifySession,
  keys: SecretKeys,
  pacing: Pacing,
  before: Mailboxes,
): Promise<Mailboxes> {
  // One that was disabled and is enabled again by now is new all the same.
  const retired = new Set((await session.query('notify/retire')).map(({id}) => String(id)));
  const known = new Map([...before].map(([id, mailbox]) => [id, mailbox.receiver()]));
  const receivers = await readReceivers(session, keys, known);
  return new Map(
    receivers.map(receiver => {
      const old = retired.has(receiver.id) ? undefined : before.get(receiver.id);
      const mailbox = old ?? createMailbox(receiver, pacing);
      mailbox.setReceiver(receiver);
      return [receiver.id, mailbox] as const;
    }),
  );
}

/** Writes what the database lacks, all of it or nothing. Rejects with the driver's error. */
export async function keepMailboxes(session: NotifySession, mailboxes: Mailboxes, origin: Origin): Promise<void> {
  const all = [...mailboxes.values()].flatMap(mailbox => {
    const changes = mailbox.changes();
    return changes ? [{mailbox, changes}] : [];
  });
  if (all.length === 0) return;
  await keepChanges(
    session,
    all.map(({changes}) => changes),
    origin,
  );
  for (const {mailbox, changes} of all) mailbox.kept(changes);
}
