import type {AlertView} from './alert-view.ts';
import type {Delivery} from './delivery.ts';
import {createDeliveryQueue, type DeliveryQueue, type DeliveryQueueOptions} from './delivery-queue.ts';
import {alertKey, type Edge, edgesOf, type Told} from './edges.ts';
import {isWanted, type Receiver} from './receiver.ts';

/** What is to be written of one receiver: what it was told (undefined: nothing any more), and its messages. */
export type Changes = {
  readonly receiver: Receiver;
  readonly told: ReadonlyMap<string, Told | undefined>;
  readonly deliveries: readonly {readonly delivery: Delivery; readonly revision: number}[];
};

/** One receiver: what it was told, and the messages that wait for it. */
export type Mailbox = Pick<DeliveryQueue, 'due' | 'begin' | 'tried'> & {
  readonly receiver: () => Receiver;
  readonly setReceiver: (receiver: Receiver) => void;
  readonly told: () => ReadonlyMap<string, Told>;
  /** The messages that wait, the oldest first. */
  readonly queue: () => readonly Delivery[];
  /** Adds what has changed to the message that is being gathered. Gives the changes. */
  readonly take: (view: AlertView, nowMs: number) => readonly Edge[];
  /** What the database lacks; undefined: nothing. */
  readonly changes: () => Changes | undefined;
  /** The database has these now. */
  readonly kept: (changes: Changes) => void;
};

export type MailboxOptions = DeliveryQueueOptions & {readonly told?: ReadonlyMap<string, Told>};

/** Creates a receiver's mailbox, as the database has it. */
export function createMailbox(receiver: Receiver, options: MailboxOptions): Mailbox {
  const told = new Map(options.told);
  const queue = createDeliveryQueue(options);
  const unkeptTold = new Set<string>();
  let current = receiver;
  const remember = ({kind, alert, severity, owner, text, since}: Edge): void => {
    unkeptTold.add(alert);
    if (kind === 'cleared') told.delete(alert);
    else told.set(alert, {severity, owner, text, since, seen: true});
  };
  return {
    receiver: () => current,
    setReceiver: next => {
      current = next;
    },
    told: () => told,
    queue: queue.waiting,
    due: queue.due,
    begin: queue.begin,
    tried: queue.tried,
    take: (view, nowMs) => {
      for (const {id} of view.alerts) markSeen(told, alertKey(id));
      const edges = edgesOf(view, told, alert => isWanted(current, alert));
      for (const edge of edges) {
        queue.gather(edge, view.at, nowMs);
        remember(edge);
      }
      return edges;
    },
    changes: () => {
      const deliveries = queue.unkept();
      if (deliveries.length === 0 && unkeptTold.size === 0) return undefined;
      return {
        receiver: current,
        told: new Map([...unkeptTold].map(alert => [alert, told.get(alert)])),
        deliveries: deliveries.map(delivery => ({delivery, revision: delivery.revision})),
      };
    },
    kept: changes => {
      for (const [alert, was] of changes.told) if (told.get(alert) === was) unkeptTold.delete(alert);
      for (const {delivery, revision} of changes.deliveries) queue.kept(delivery, revision);
    },
  };
}

function markSeen(told: Map<string, Told>, alert: string): void {
  const before = told.get(alert);
  if (before && !before.seen) told.set(alert, {...before, seen: true});
}
