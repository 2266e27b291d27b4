import {failureOf, READ_ONLY} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {nowMicros} from '../core/time.ts';
import type {Log} from '../io/log.ts';
import type {Pg} from '../io/pg.ts';
import {startTaskLoop} from '../sync/loop.ts';
import type {AlertView} from './alert-view.ts';
import type {Delivery} from './delivery.ts';
import type {Origin} from './formats.ts';
import type {Mailbox} from './mailbox.ts';
import {keepMailboxes, loadMailboxes, type Mailboxes, type Pacing, refreshMailboxes} from './mailboxes.ts';
import type {SecretKeys} from './receivers.ts';
import {sendTo} from './send.ts';
import {type NotifySession, openNotifySession} from './session.ts';

export type NotifierOptions = {
  /** Its pool, made by NOTIFY_PG. The notifier closes it. */
  readonly pg: Pg;
  /** The alerts now; undefined: they are not known yet. */
  readonly view: () => AlertView | undefined;
  readonly keys: SecretKeys;
  readonly origin: Origin;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Between two looks at the alerts, in milliseconds. */
  readonly tickMs?: number;
  /** Between two looks at the configurations, and two tries to connect or to get the lock, in milliseconds. */
  readonly refreshMs?: number;
  readonly connectMs?: number;
  /** So long the changes of a burst are gathered into one message, in milliseconds. */
  readonly gatherMs?: number;
  readonly send?: typeof sendTo;
};

/**
 * `active`: holds the lock and sends. `standby`: another notifier does. `alone`: was active and cannot reach the database,
 * and tells what it knows nevertheless. `starting`: could not connect yet.
 */
type NotifierState = 'starting' | 'standby' | 'active' | 'alone';

export type Notifier = {
  readonly state: () => NotifierState;
  /** Sends nothing any more, waits a moment for what is under way, and writes what came of it. */
  readonly close: () => Promise<void>;
};

const [TICK_MS, REFRESH_MS, CONNECT_MS, CLOSE_MS] = [1000, 10_000, 3000, 3000];

/** What a notifier is at. */
type Running = Omit<NotifierOptions, 'send'> & {
  readonly send: typeof sendTo;
  state: NotifierState;
  session: NotifySession | undefined;
  mailboxes: Mailboxes;
  nextConnect: number;
  /** Why the last try to connect failed. */
  down: {readonly error: unknown} | undefined;
  nextRefresh: number;
  closing: boolean;
  /** The database took what was written last. */
  keeps: boolean;
  readonly underWay: Set<Promise<void>>;
  /** Runs work on the one connection, one after the other. */
  readonly serial: <T>(work: () => Promise<T>) => Promise<T>;
};

/** Tells receivers of each change of the alerts, until it is closed. Of several on one database one is active. */
export function startNotifier(options: NotifierOptions): Notifier {
  const running: Running = {
    send: sendTo,
    ...options,
    state: 'starting',
    session: undefined,
    mailboxes: new Map(),
    nextConnect: 0,
    down: undefined,
    nextRefresh: 0,
    closing: false,
    keeps: true,
    underWay: new Set(),
    serial: oneByOne(),
  };
  const {log, pg, tickMs = TICK_MS} = options;
  const loop = startTaskLoop('notifier', tickMs, log, () => running.serial(() => turn(running)));
  return {
    state: () => running.state,
    close: async () => {
      running.closing = true;
      await loop.stop();
      const limit = new Promise<void>(done => setTimeout(done, CLOSE_MS).unref());
      await Promise.race([Promise.allSettled([...running.underWay]), limit]);
      await running
        .serial(() => keep(running))
        .catch((error: unknown) => log.warn({error: sanitise(failureOf(error).message)}, 'not kept'));
      running.session?.close();
      await pg.close();
    },
  };
}

function oneByOne(): Running['serial'] {
  let chain: Promise<unknown> = Promise.resolve();
  return work => {
    const run = chain.then(work);
    chain = run.catch(() => {});
    return run;
  };
}

/** Looks at the alerts once. Rejects with what failed, after it has done all that could be done nevertheless. */
async function turn(running: Running): Promise<void> {
  let failure: unknown;
  const note = (error: unknown): void => {
    failure = error;
    const {sqlstate} = failureOf(error);
    if (sqlstate === undefined || sqlstate === READ_ONLY) running.session?.close();
    if (running.session?.isLost()) running.nextConnect = Math.min(running.nextConnect, performance.now());
  };
  if (!running.session || running.session.isLost()) await connect(running).catch(note);
  await refresh(running).catch(note);
  const {state, mailboxes} = running;
  const view = state === 'active' || state === 'alone' ? running.view() : undefined;
  if (view) for (const mailbox of mailboxes.values()) mailbox.take(view, performance.now());
  await keep(running).catch(note);
  sendDue(running);
  if (failure !== undefined) throw failure;
}

function become(running: Running, state: NotifierState): void {
  if (state !== running.state) running.log.info({state}, 'notifier');
  running.state = state;
}

const pacingOf = ({gatherMs}: Running): Pacing => ({
  nowMs: performance.now(),
  ...(gatherMs === undefined ? {} : {gatherMs}),
});

async function connect(running: Running): Promise<void> {
  const {pg, keys, origin, mailboxes, connectMs = CONNECT_MS} = running;
  if (performance.now() < running.nextConnect) {
    if (running.down) throw running.down.error;
    return;
  }
  running.nextConnect = performance.now() + connectMs;
  running.session?.close();
  running.session = undefined;
  try {
    const opened = await openNotifySession(pg);
    running.session = opened;
    if (opened) {
      await keepMailboxes(opened, mailboxes, origin);
      running.mailboxes = await loadMailboxes(opened, keys, pacingOf(running), mailboxes);
    } else running.mailboxes = new Map();
    running.down = undefined;
    become(running, opened ? 'active' : 'standby');
  } catch (error) {
    running.down = {error};
    running.session?.close();
    become(running, mailboxes.size > 0 ? 'alone' : 'starting');
    throw error;
  }
}

async function refresh(running: Running): Promise<void> {
  const {session, keys, mailboxes, refreshMs = REFRESH_MS} = running;
  if (!session || session.isLost() || performance.now() < running.nextRefresh) return;
  running.nextRefresh = performance.now() + refreshMs;
  running.mailboxes = await refreshMailboxes(session, keys, pacingOf(running), mailboxes);
}

async function keep(running: Running): Promise<void> {
  const {session, mailboxes, origin} = running;
  if (!session || session.isLost()) return;
  running.keeps = false;
  await keepMailboxes(session, mailboxes, origin);
  running.keeps = true;
}

/** What the database does not have is sent only where it takes nothing: while the connection is lost, another may send. */
function sendDue(running: Running): void {
  const {state, keeps, session, mailboxes, closing} = running;
  const unkept = state === 'alone' || (!keeps && session?.isLost() === false);
  for (const mailbox of closing ? [] : mailboxes.values()) {
    const delivery = mailbox.due(performance.now(), {unkept});
    if (delivery) begin(running, mailbox, delivery);
  }
}

/** Sends a message; nothing waits for it. */
function begin(running: Running, mailbox: Mailbox, delivery: Delivery): void {
  const {send, origin, log, underWay, serial} = running;
  const [at, startMs, receiver] = [nowMicros(), performance.now(), mailbox.receiver()];
  mailbox.begin(delivery, startMs);
  const tried = async (): Promise<void> => {
    const outcome = await send(receiver, delivery.message, origin);
    const nowMs = performance.now();
    const ms = nowMs - startMs;
    const owner = running.mailboxes.get(receiver.id) ?? mailbox;
    owner.tried(delivery, outcome, {at, ms, nowMs});
    const {name} = receiver;
    const fields = {receiver: name, message: delivery.message.key, ms: Math.round(ms), answer: outcome.answer};
    if (outcome.ok) log.info(fields, 'sent');
    else log.warn({...fields, attempts: delivery.attempts}, 'not sent');
    await serial(() => keep(running)).catch(() => {});
  };
  const whole = tried().finally(() => underWay.delete(whole));
  underWay.add(whole);
}
