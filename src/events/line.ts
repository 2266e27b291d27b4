import type {Redis} from 'ioredis';
import type {RedisTarget} from '../core/redis-url.ts';
import {openRedis} from '../io/redis.ts';
import {type Held, hold, stillHeld} from './hold.ts';
import type {LinkInput} from './link.ts';

export type LineOptions = {
  readonly name: string;
  readonly channels: readonly string[];
  readonly unknown: boolean;
  readonly pingMs: number;
  readonly auditMs: number;
  readonly deniedMs: number;
  readonly take: (channel: string, message: Buffer) => void;
  readonly tell: (input: LinkInput) => void;
  /** The connection ended, or could not be had; it tries again by itself. */
  readonly onClose?: () => void;
};

/** A subscribing connection to one server. It connects, subscribes and watches for ever, until it is closed. */
export type Line = {readonly close: () => void};

/** Opens a line. What happens is told; nothing throws and nothing rejects. */
export function openLine(target: RedisTarget, options: LineOptions): Line {
  const {tell, take} = options;
  const client = openRedis(target, {name: options.name, offline: 'fail', subscribes: true}) as Redis;
  // Counts connections, so that an answer that belongs to an earlier one is not taken for this one's.
  let epoch = 0;
  let held: Held | undefined;
  let lastError: unknown;
  let again: NodeJS.Timeout | undefined;
  const enter = async (mine = epoch): Promise<void> => {
    const outcome = await hold(client, options.channels, options.unknown);
    if (mine !== epoch) return;
    held = outcome.held;
    if (outcome.refused === undefined) return tell({what: 'ready', note: outcome.note});
    tell({what: 'failed', error: outcome.refused});
    tell({what: 'retry', inMs: options.deniedMs});
    again = setTimeout(() => mine === epoch && void enter(), options.deniedMs);
  };
  const audit = async (mine = epoch): Promise<void> => {
    if (held === undefined || (await stillHeld(client, held)) || mine !== epoch) return;
    tell({what: 'lost', error: new Error('the server had lost the subscription')});
    await enter();
  };
  const nameOf = createNames();
  client.on('messageBuffer', (channel: Buffer, message: Buffer) => take(nameOf(channel), message));
  client.on('pmessageBuffer', (_: unknown, channel: Buffer, message: Buffer) => take(nameOf(channel), message));
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
    epoch++;
    held = undefined;
    clearTimeout(again);
    tell({what: 'lost', error: lastError});
    options.onClose?.();
  });
  client.on('reconnecting', (inMs: number) => tell({what: 'retry', inMs}));
  const stopPings = pingEvery(options.pingMs, client, () => epoch, tell);
  const audits = setInterval(() => void audit(), options.auditMs);
  return {
    close: () => {
      epoch++;
      stopPings();
      clearInterval(audits);
      clearTimeout(again);
      client.disconnect();
    },
  };
}

// One PING at a time: together with the client's socketTimeout it finds a path that is dead and looks alive.
function pingEvery(ms: number, client: Redis, epoch: () => number, tell: (input: LinkInput) => void): () => void {
  let pinging = -1;
  const ping = async (): Promise<void> => {
    const mine = epoch();
    if (client.status !== 'ready' || pinging === mine) return;
    pinging = mine;
    const start = performance.now();
    const answered = await client.ping().then(
      () => true,
      () => false,
    );
    if (pinging === mine) pinging = -1;
    if (answered && mine === epoch()) tell({what: 'pong', ms: performance.now() - start});
  };
  const timer = setInterval(() => void ping(), ms);
  return () => clearInterval(timer);
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
