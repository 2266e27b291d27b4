import type {Redis} from 'ioredis';
import {openRedis} from '../io/redis.ts';
import type {RedisTarget} from '../io/targets.ts';
import type {LinkInput} from './link.ts';
import {createPing, type Role, roleOf, unfit} from './role.ts';
import {type Subscribed, type SubscribeOutcome, stillSubscribed} from './subscription.ts';

export type BusConnectionOptions = {
  readonly name: string;
  readonly auditMs: number;
  readonly deniedMs: number;
  readonly take: (channel: string, message: Buffer) => void;
  readonly tell: (input: LinkInput) => void;
  /** Subscribes to what this line is for. */
  readonly enter: (client: Redis) => Promise<SubscribeOutcome>;
  /**
   * Whether the server is what its address leads to, so that it is left for whatever that leads to now when it is not a
   * master any more. A Cluster's nodes pass messages on to each other, replicas or not.
   */
  readonly asksRole?: boolean;
  /** What to do when the server refuses; default: tell it, and ask again after `deniedMs`. */
  readonly onRefused?: (refused: Error) => void;
  /** The connection ended, or could not be had; it tries again by itself. */
  readonly onClose?: () => void;
};

const CUT_OFF_MS = 500;

/** A subscribing connection to one server. It connects, subscribes and watches for ever, until it is closed. */
export type BusConnection = {
  /**
   * Asks the server whether it is there. True: its answer came on the connection that was asked, behind all that was
   * published before. Together with the client's socketTimeout it finds a path that is dead and looks alive.
   */
  readonly ping: () => Promise<boolean>;
  readonly close: () => void;
};

/** Opens a line. What happens is told; nothing throws and nothing rejects. */
export function openBusConnection(target: RedisTarget, options: BusConnectionOptions): BusConnection {
  const client = openRedis(target, {name: options.name, offline: 'fail', subscribes: true}) as Redis;
  let closed = false;
  const tell = (input: LinkInput): void => {
    if (!closed) options.tell(input);
  };
  // Counts connections, so that an answer that belongs to an earlier one is not taken for this one's.
  let epoch = 0;
  let held: Subscribed | undefined;
  let role: Role | undefined;
  let lastError: unknown;
  let again: NodeJS.Timeout | undefined;
  const askAgain = (refused: Error): void => {
    tell({what: 'failed', error: refused});
    tell({what: 'retry', inMs: options.deniedMs});
    const mine = epoch;
    again = setTimeout(() => mine === epoch && void enter(), options.deniedMs);
  };
  const {onRefused = askAgain, asksRole = false} = options;
  const enter = async (mine = epoch): Promise<void> => {
    const told = asksRole ? await roleOf(client) : undefined;
    role = told === 'refused' ? undefined : told;
    if (mine !== epoch) return;
    const why = role && unfit(undefined, role);
    if (why !== undefined) {
      tell({what: 'failed', error: new Error(why)});
      again = setTimeout(() => mine === epoch && client.disconnect(true), CUT_OFF_MS);
      return;
    }
    const outcome = await options.enter(client);
    if (mine !== epoch) return;
    held = outcome.held;
    if (outcome.refused === undefined) tell({what: 'ready', note: outcome.note});
    else onRefused(outcome.refused);
  };
  const judge = (now: Role): boolean => {
    const why = unfit(role, now);
    if (why !== undefined) {
      lastError = new Error(why);
      client.disconnect(true);
    }
    return why === undefined;
  };
  const enterAgain = async (why: string): Promise<void> => {
    held = undefined;
    tell({what: 'lost', error: new Error(why)});
    await enter();
  };
  const audit = async (mine = epoch): Promise<void> => {
    if (held === undefined || (await stillSubscribed(client, held)) || mine !== epoch) return;
    await enterAgain('the server had lost the subscription');
  };
  const nameOf = createNames();
  client.on('messageBuffer', (channel: Buffer, message: Buffer) => options.take(nameOf(channel), message));
  client.on('pmessageBuffer', (_: unknown, channel: Buffer, message: Buffer) => options.take(nameOf(channel), message));
  client.on('smessageBuffer', (channel: Buffer, message: Buffer) => options.take(nameOf(channel), message));
  // The server itself ended the subscription; a refusal that names another node comes by this name as well.
  client.on('moved', () => {
    if (held !== undefined) void enterAgain('the channel went to another node');
  });
  client.on('error', error => {
    lastError = error;
    if (held === undefined) tell({what: 'failed', error});
  });
  client.on('ready', () => {
    lastError = undefined;
    epoch++;
    void enter();
  });
  client.on('close', () => {
    if (closed) return;
    epoch++;
    held = undefined;
    clearTimeout(again);
    tell({what: 'lost', error: lastError});
    options.onClose?.();
  });
  client.on('reconnecting', (inMs: number) => tell({what: 'retry', inMs}));
  const audits = setInterval(() => void audit(), options.auditMs);
  return {
    ping: createPing(client, () => epoch, asksRole ? judge : undefined),
    close: () => {
      closed = true;
      epoch++;
      clearInterval(audits);
      clearTimeout(again);
      client.disconnect();
    },
  };
}

// The channel of the last message is most often the next one's: comparing bytes costs less than making a text of them.
function createNames(): (bytes: Buffer) => string {
  let last: Buffer = Buffer.alloc(0);
  let name = '';
  return bytes => {
    let same = bytes.length === last.length;
    for (let i = 0; same && i < bytes.length; i++) same = bytes[i] === last[i];
    if (!same) [last, name] = [Buffer.from(bytes), bytes.toString()];
    return name;
  };
}
