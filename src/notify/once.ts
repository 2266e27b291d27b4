import {UserError} from '../core/errors.ts';
import {nowMicros} from '../core/time.ts';
import type {Pg} from '../io/pg.ts';
import type {AlertView} from './alert-view.ts';
import {countTry, newDelivery} from './delivery.ts';
import type {Origin} from './formats.ts';
import type {Mailbox} from './mailbox.ts';
import {keepMailboxes, loadMailboxes, type Mailboxes, refreshMailboxes} from './mailboxes.ts';
import type {Message} from './message.ts';
import type {SendOutcome} from './outcome.ts';
import type {Receiver} from './receiver.ts';
import {readReceivers, type SecretKeys} from './receivers.ts';
import {logMessage} from './record.ts';
import {sendTo} from './send.ts';
import {type NotifySession, openNotifySession} from './session.ts';

/** A message for one receiver, and what came of it; undefined: it was only shown. */
export type SentOnce = {
  readonly receiver: Receiver;
  readonly message: Message;
  readonly outcome: SendOutcome | undefined;
  /** How long the receiver took, in milliseconds. */
  readonly ms: number;
};

type Once = {readonly pg: Pg; readonly keys: SecretKeys; readonly origin: Origin};

/** Runs `use` with a session that is closed afterwards. */
async function inSession<T>(pg: Pg, looks: boolean, use: (session: NotifySession) => Promise<T>): Promise<T> {
  const session = await openNotifySession(pg, {looks});
  if (!session) {
    throw new UserError('Another notifier is active on this database.', 'It sends the messages; or stop it first.');
  }
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

/** What would be sent now. Changes nothing. Rejects with the driver's error. */
export const previewMessages = ({pg, keys}: Once, view: AlertView): Promise<readonly SentOnce[]> =>
  inSession(pg, true, async session => {
    const mailboxes = await loadMailboxes(session, keys, {nowMs: performance.now()});
    return [...mailboxes.values()].flatMap(mailbox => {
      mailbox.take(view, performance.now());
      return mailbox.queue().map(({message}) => {
        return {receiver: mailbox.receiver(), message, outcome: undefined, ms: 0};
      });
    });
  });

/**
 * Sends what has changed since the last time, and what still waited, each message with one try. What fails is tried again
 * the next time. Rejects with a UserError where another notifier is active, and with the driver's error.
 */
export const notifyOnce = ({pg, keys, origin}: Once, view: AlertView): Promise<readonly SentOnce[]> =>
  inSession(pg, false, async session => {
    const loaded = await loadMailboxes(session, keys, {nowMs: performance.now()});
    const mailboxes: Mailboxes = await refreshMailboxes(session, keys, {nowMs: performance.now()}, loaded);
    for (const mailbox of mailboxes.values()) mailbox.take(view, performance.now());
    await keepMailboxes(session, mailboxes, origin);
    const sent = await Promise.all([...mailboxes.values()].map(mailbox => emptied(mailbox, origin)));
    await keepMailboxes(session, mailboxes, origin);
    return sent.flat();
  });

/** Tries each message of a receiver once, in order, up to the first that fails. */
async function emptied(mailbox: Mailbox, origin: Origin): Promise<readonly SentOnce[]> {
  const sent: SentOnce[] = [];
  for (;;) {
    const [startMs, at, receiver] = [performance.now(), nowMicros(), mailbox.receiver()];
    const delivery = mailbox.due(startMs, {early: true, unkept: true});
    if (!delivery) return sent;
    mailbox.begin(delivery, startMs);
    const outcome = await sendTo(receiver, delivery.message, origin);
    const nowMs = performance.now();
    const ms = nowMs - startMs;
    mailbox.tried(delivery, outcome, {at, ms, nowMs});
    sent.push({receiver, message: delivery.message, outcome, ms});
    if (!outcome.ok) return sent;
  }
}

/**
 * Sends a test message to the receiver of that name, and logs it. Rejects with a UserError where there is none that is
 * enabled, and with the driver's error.
 */
export const sendTest = ({pg, keys, origin}: Once, name: string, key: string): Promise<SentOnce> =>
  inSession(pg, true, async session => {
    const receivers = await readReceivers(session, keys);
    const receiver = receivers.find(one => one.name === name);
    if (!receiver) {
      const names = receivers.map(one => one.name).join(', ');
      throw new UserError(
        `No notification of this name is configured and enabled.`,
        names === '' ? 'None is.' : `There are: ${names}.`,
      );
    }
    const [at, startMs] = [nowMicros(), performance.now()];
    const message = testMessage(key, at);
    const outcome = await sendTo(receiver, message, origin);
    const ms = performance.now() - startMs;
    const delivery = newDelivery(message, 0);
    countTry(delivery, outcome, at, ms);
    if (!outcome.ok) delivery.status = 'failed';
    await logMessage(session, delivery, {config_id: receiver.id, channel: receiver.channel}, 'test', origin);
    return {receiver, message, outcome, ms};
  });

const testMessage = (key: string, at: number): Message => ({
  key,
  at,
  rest: [],
  entries: [
    {
      kind: 'fired',
      alert: 'test',
      severity: 'warn',
      owner: 'platform',
      text: 'This is a test of tradetop notify: nothing is wrong.',
      since: at,
      at,
      edges: 1,
      began: true,
    },
  ],
});
