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
  readonly onMessage: (channel: string, message: Buffer) => void;
  readonly report: (input: LinkInput) => void;
  /** Subscribes to the channels of this connection. */
  readonly enter: (client: Redis) => Promise<SubscribeOutcome>;
  /**
   * Whether to watch the server's role: when the server is not a master any more, the connection goes to whatever
   * server its address leads to then. The nodes of a Cluster pass messages on to each other, replicas or not.
   */
  readonly asksRole?: boolean;
  /** Called when the server refuses to subscribe. Default: report it, and try again after `deniedMs`. */
  readonly onRefused?: (refused: Error) => void;
  /** Called when the connection ended or could not be made; it reconnects on its own. */
  readonly onClose?: () => void;
};

const CUT_OFF_MS = 500;

/** A subscribing connection to one server. It connects, subscribes and watches until it is closed. */
export type BusConnection = {
  /**
   * Queries the server for a sign of life. True: the answer came on this connection, after everything published before
   * the query. Together with the client's socketTimeout it finds a path that is dead and looks alive.
   */
  readonly ping: () => Promise<boolean>;
  readonly close: () => void;
};

/** Opens a connection. It passes on what happens through `report`; nothing throws and nothing rejects. */
export function openBusConnection(target: RedisTarget, options: BusConnectionOptions): BusConnection {
  const client = openRedis(target, {name: options.name, offline: 'fail', subscribes: true}) as Redis;
  const {asksRole = false} = options;
  let closed = false;
  const report = (input: LinkInput): void => {
    if (!closed) options.report(input);
  };
  const session = createSession(client, {...options, report});
  let lastError: unknown;
  const judge = (now: Role): boolean => {
    const why = unfit(session.role(), now);
    if (why !== undefined) {
      lastError = new Error(why);
      client.disconnect(true);
    }
    return why === undefined;
  };
  passMessages(client, options.onMessage);
  client.on('error', error => {
    lastError = error;
    session.error(error);
  });
  client.on('ready', () => {
    lastError = undefined;
    session.begin();
  });
  client.on('close', () => {
    if (closed) return;
    session.end(lastError);
    options.onClose?.();
  });
  client.on('reconnecting', (inMs: number) => report({what: 'retry', inMs}));
  const audits = setInterval(() => void session.audit(), options.auditMs);
  return {
    ping: createPing(client, session.epoch, asksRole ? judge : undefined),
    close: () => {
      closed = true;
      session.end(undefined);
      clearInterval(audits);
      client.disconnect();
    },
  };
}

/** The subscription on a client, from one connection to the next. */
type Session = {
  /** Counts connections, so that an answer on an earlier connection does not count for the present one. */
  readonly epoch: () => number;
  /** The server's role when the connection was made, where it is known. */
  readonly role: () => Role | undefined;
  /** A connection was made: subscribe on it. */
  readonly begin: () => void;
  readonly error: (error: unknown) => void;
  /** The connection is gone. */
  readonly end: (error: unknown) => void;
  /** Checks that the server still holds the subscription, and subscribes again if not. */
  readonly audit: () => Promise<void>;
};

function createSession(client: Redis, options: BusConnectionOptions): Session {
  const {report, asksRole, deniedMs} = options;
  let epoch = 0;
  let held: Subscribed | undefined;
  let role: Role | undefined;
  let again: NodeJS.Timeout | undefined;
  const later = (ms: number, run: () => void, mine = epoch): void => {
    again = setTimeout(() => mine === epoch && run(), ms);
  };
  const tryAgain = (refused: Error): void => {
    report({what: 'failed', error: refused});
    report({what: 'retry', inMs: deniedMs});
    later(deniedMs, () => void enter());
  };
  const leave = (why: string): void => {
    report({what: 'failed', error: new Error(why)});
    later(CUT_OFF_MS, () => client.disconnect(true));
  };
  const enter = async (mine = epoch): Promise<void> => {
    role = asksRole ? await knownRole(client) : undefined;
    if (mine !== epoch) return;
    const why = role && unfit(undefined, role);
    if (why !== undefined) return leave(why);
    const outcome = await options.enter(client);
    if (mine !== epoch) return;
    held = outcome.held;
    if (outcome.refused === undefined) report({what: 'ready', note: outcome.note});
    else (options.onRefused ?? tryAgain)(outcome.refused);
  };
  const enterAgain = async (why: string): Promise<void> => {
    held = undefined;
    report({what: 'lost', error: new Error(why)});
    await enter();
  };
  // The server itself ended the subscription. A refusal that names another node raises the same event.
  client.on('moved', () => {
    if (held !== undefined) void enterAgain('the channel moved to another node');
  });
  return {
    epoch: () => epoch,
    role: () => role,
    begin: () => {
      epoch++;
      void enter();
    },
    error: error => {
      if (held === undefined) report({what: 'failed', error});
    },
    end: error => {
      epoch++;
      held = undefined;
      clearTimeout(again);
      report({what: 'lost', error});
    },
    audit: async (mine = epoch) => {
      if (held === undefined || (await stillSubscribed(client, held)) || mine !== epoch) return;
      await enterAgain('the server had lost the subscription');
    },
  };
}

async function knownRole(client: Redis): Promise<Role | undefined> {
  const role = await roleOf(client);
  return role === 'refused' ? undefined : role;
}

function passMessages(client: Redis, onMessage: BusConnectionOptions['onMessage']): void {
  const nameOf = createNames();
  const pass = (channel: Buffer, message: Buffer): void => onMessage(nameOf(channel), message);
  client.on('messageBuffer', pass);
  client.on('pmessageBuffer', (_: unknown, channel: Buffer, message: Buffer) => pass(channel, message));
  client.on('smessageBuffer', pass);
}

// Most messages come on the same channel as the one before: comparing bytes is cheaper than decoding them.
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
