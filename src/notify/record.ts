import {z} from 'zod';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros} from '../core/time.ts';
import {type Delivery, newDelivery} from './delivery.ts';
import type {Told} from './edges.ts';
import {levelOf, type Origin, subjectOf} from './formats.ts';
import type {Changes} from './mailbox.ts';
import type {Entry, Message, Remainder} from './message.ts';
import type {NotifySession} from './session.ts';

/** What a message says, as the body of its row. */
const severity = z.enum(['warn', 'crit']);
const entry = z.object({
  kind: z.enum(['fired', 'worse', 'cleared']),
  alert: z.string(),
  severity,
  owner: z.string(),
  text: z.string(),
  cause: z.string().optional(),
  todo: z.string().optional(),
  since: z.number(),
  at: z.number(),
  note: z.string().optional(),
  edges: z.number(),
  began: z.boolean(),
});
const rest = z.object({rule: z.string(), severity, begun: z.number(), cleared: z.number(), text: z.string()});
const body = z.object({entries: z.array(entry), rest: z.array(rest)});
const tries = z.array(z.object({at: z.number(), ms: z.number(), ok: z.boolean(), answer: z.string()}));

/** What the database has of all receivers, by the ids of their configurations. */
export type NotifyRecord = {
  readonly told: ReadonlyMap<string, ReadonlyMap<string, Told>>;
  readonly waiting: ReadonlyMap<string, readonly Delivery[]>;
};

/** Reads what receivers were told, and the messages that are not sent yet; those may be sent at once. */
export async function readRecord(session: Pick<NotifySession, 'query'>): Promise<NotifyRecord> {
  const told = new Map<string, Map<string, Told>>();
  for (const row of await session.query('notify/told')) {
    const ofOne = told.get(String(row.config_id)) ?? new Map<string, Told>();
    told.set(String(row.config_id), ofOne);
    ofOne.set(String(row.alert), {
      severity: row.severity === 'critical' ? 'crit' : 'warn',
      owner: sanitise(String(row.owner), 40),
      text: sanitise(String(row.text), 300),
      since: Number(row.since),
      seen: false,
    });
  }
  const waiting = new Map<string, readonly Delivery[]>();
  for (const row of await session.query('notify/waiting')) {
    const delivery = deliveryOf(row);
    const id = String(row.config_id);
    if (delivery) waiting.set(id, [...(waiting.get(id) ?? []), delivery]);
  }
  return {told, waiting};
}

/** Undefined: somebody has changed the row. It stays as waiting, which the alert of such tells. */
function deliveryOf(row: Readonly<Record<string, unknown>>): Delivery | undefined {
  const [says, tried] = [body.safeParse(jsonOf(row.body)), tries.safeParse(jsonOf(row.tries))];
  if (!says.success) return undefined;
  const message: Message = {
    key: String(row.correlation_id),
    at: Number(row.at),
    entries: says.data.entries as readonly Entry[],
    rest: says.data.rest as readonly Remainder[],
  };
  const delivery = newDelivery(message, Number.NEGATIVE_INFINITY, 1, Number(row.attempts));
  delivery.tries = tried.success ? tried.data : [];
  // It may have been sent by a process that could not say so: what has its key never changes again.
  delivery.frozen = true;
  return delivery;
}

function jsonOf(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/** Writes the changes of several receivers, all of them or none. Rejects with the driver's error. */
export async function keepChanges(
  session: Pick<NotifySession, 'query'>,
  all: readonly Changes[],
  origin: Origin,
): Promise<void> {
  const [told, ended, messages]: [unknown[], unknown[], unknown[]] = [[], [], []];
  for (const {receiver, told: changed, deliveries} of all) {
    for (const [alert, now] of changed) {
      if (now === undefined) ended.push({config_id: receiver.id, alert});
      else {
        const level = now.severity === 'crit' ? 'critical' : 'warning';
        const {owner, text, since} = now;
        told.push({config_id: receiver.id, alert, severity: level, owner, text, since: isoMicros(since)});
      }
    }
    const {id, channel} = receiver;
    for (const {delivery} of deliveries) messages.push(rowOf(delivery, {config_id: id, channel}, 'alerts', origin));
  }
  await session.query(
    'notify/keep',
    [told, ended, messages].map(rows => JSON.stringify(rows)),
  );
}

/** Logs a message of another kind than alerts, which is over. */
export const logMessage = (
  session: Pick<NotifySession, 'query'>,
  delivery: Delivery,
  receiver: {readonly config_id: string; readonly channel: string},
  kind: string,
  origin: Origin,
): Promise<unknown> =>
  session.query('notify/keep', ['[]', '[]', JSON.stringify([rowOf(delivery, receiver, kind, origin)])]);

function rowOf(
  {message, status, attempts, error, tries: tried, sentAt}: Delivery,
  receiver: {readonly config_id: string; readonly channel: string},
  kind: string,
  origin: Origin,
): unknown {
  const {key, at, entries, rest: others} = message;
  return {
    ...receiver,
    event_type: kind,
    severity: levelOf(message),
    subject: subjectOf(message, origin),
    body: JSON.stringify({entries, rest: others}),
    status,
    attempts,
    error: error ?? null,
    tries: tried,
    correlation_id: key,
    created_at: isoMicros(at),
    sent_at: sentAt === undefined ? null : isoMicros(sentAt),
  };
}
