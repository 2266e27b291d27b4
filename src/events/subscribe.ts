import type {RedisTarget} from '../core/redis-url.ts';
import {type Micros, nowMicros} from '../core/time.ts';
import {createDecoder, deskKinds, isReject} from './decode.ts';
import type {BusLink, DeskEvent, Reject} from './event.ts';
import type {EventKind} from './kind.ts';
import {type Line, openLine} from './line.ts';
import {type LinkInput, nextLink, redisWords, startLink} from './link.ts';

export type SubscribeOptions = {
  /** What is decoded; default: every kind of the desk. */
  readonly kinds?: readonly EventKind[];
  /** Also hear `data_sync:*`: messages on channels of no kind come to `onReject`. Default true. */
  readonly unknown?: boolean;
  readonly onEvent: (event: DeskEvent) => void;
  readonly onReject: (reject: Reject) => void;
  /** Called once at the start and at every change, each PING's round trip included. */
  readonly onLink: (link: BusLink) => void;
  /** Shown in CLIENT LIST. */
  readonly name?: string;
  readonly now?: () => Micros;
  /** Between two PINGs; a path that stays silent for 3 s is given up. Default 1,000. */
  readonly pingMs?: number;
  /** Between two audits of what the server holds subscribed. Default 30,000. */
  readonly auditMs?: number;
  /** Between two tries after the server refused a channel. Default 5,000. */
  readonly deniedMs?: number;
};

export type Subscription = {readonly close: () => void};

const ROTATE_MS = 500;

/**
 * Hears the bus on a connection of its own, for ever: it connects, subscribes, watches, and begins again. Never throws
 * and never rejects; what goes wrong is in the link. In a Cluster every node passes every message on, so that one node
 * is enough; the next one is taken when it goes.
 */
export function subscribe(target: RedisTarget, options: SubscribeOptions): Subscription {
  const {now = nowMicros, kinds = deskKinds, unknown = true} = options;
  const decode = createDecoder(kinds, now);
  const words = (error: unknown) => redisWords(error, target.password());
  let link = startLink(now());
  let closed = false;
  const tell = (input: LinkInput): void => {
    if (closed) return;
    const next = nextLink(link, input, now(), words);
    if (next === link) return;
    link = next;
    options.onLink(link);
  };
  const take = (channel: string, message: Buffer): void => {
    if (closed) return;
    const outcome = decode(channel, message);
    if (isReject(outcome)) options.onReject(outcome);
    else options.onEvent(outcome);
  };
  const {name = 'tradetop subscriber', pingMs = 1000, auditMs = 30_000, deniedMs = 5000} = options;
  const channels = kinds.map(kind => kind.channel);
  const watched = {name, channels, unknown, pingMs, auditMs, deniedMs, tell, take};
  options.onLink(link);
  const line =
    target.kind === 'cluster'
      ? rotate(target, watch => openLine(watch.target, {...watched, ...watch}))
      : openLine(target, watched);
  return {
    close: () => {
      closed = true;
      line.close();
    },
  };
}

type Turn = {readonly target: RedisTarget; readonly onClose: () => void};

// A line to one node of a Cluster after the other.
function rotate(target: RedisTarget, open: (turn: Turn) => Line): Line {
  let turn = 0;
  let line: Line | undefined;
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    const node = target.nodes[turn++ % target.nodes.length] as RedisTarget['nodes'][number];
    const onClose = (): void => {
      line?.close();
      timer = setTimeout(next, ROTATE_MS);
    };
    line = open({target: {...target, kind: 'standalone', nodes: [node]}, onClose});
  };
  next();
  return {
    close: () => {
      clearTimeout(timer);
      line?.close();
    },
  };
}
