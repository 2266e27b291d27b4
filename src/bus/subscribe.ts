import {type Micros, nowMicros} from '../core/time.ts';
import {redisWords} from '../io/redis-answer.ts';
import type {RedisTarget} from '../io/targets.ts';
import {createNodes, openClassic, openShard} from './cluster-connections.ts';
import {type BusConnectionOptions, openBusConnection} from './connection.ts';
import {createDecoder, deskKinds, isReject} from './decode.ts';
import type {BusLink, DeskEvent, Reject} from './event.ts';
import type {EventKind} from './kind.ts';
import {type LinkInput, nextLink, startLink} from './link.ts';
import {subscribeChannels} from './subscription.ts';
import {createUnion, type Union} from './union.ts';

export type SubscribeOptions = {
  /** What is decoded; default: every kind of the desk. */
  readonly kinds?: readonly EventKind[];
  /** Also hear `data_sync:*`: messages on channels of no kind come to `onReject`. Default true. */
  readonly unknown?: boolean;
  /** In a Cluster, also hear what is sent by SPUBLISH on the channels of `kinds`. Default true. */
  readonly sharded?: boolean;
  readonly onEvent: (event: DeskEvent) => void;
  readonly onReject: (reject: Reject) => void;
  /** Called once at the start and at every change, each PING's round trip included. */
  readonly onLink: (link: BusLink) => void;
  /** What was published before this time has come, unless it was lost while the link was not ready. */
  readonly onProven?: (sentAt: Micros) => void;
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

/**
 * Hears the bus on connections of its own, for ever: it connects, subscribes, watches, and begins again. Never throws
 * and never rejects; what goes wrong is in the link. In a Cluster one line hears what is sent by PUBLISH, on whatever
 * node, and one more for each channel what is sent by SPUBLISH, which only the channel's own node passes on. The link is
 * ready when all of them are, and lost when one is.
 */
export function subscribe(target: RedisTarget, options: SubscribeOptions): Subscription {
  const {now = nowMicros, kinds = deskKinds} = options;
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
  options.onLink(link);
  const union = createUnion(tell);
  const lines = openLines(target, options, union, take);
  // What proves the whole is a PING on every line at once: what was published before it was sent has come on each.
  const round = async (): Promise<void> => {
    const [sentAt, start, troubles] = [now(), performance.now(), union.troubles()];
    const answers = await Promise.all(lines.map(line => line.ping()));
    if (closed || union.troubles() !== troubles || !answers.every(Boolean)) return;
    if (link.state === 'ready') options.onProven?.(sentAt);
    tell({what: 'pong', ms: performance.now() - start});
  };
  const rounds = setInterval(() => void round(), options.pingMs ?? 1000);
  return {
    close: () => {
      closed = true;
      clearInterval(rounds);
      for (const line of lines) line.close();
    },
  };
}

function openLines(target: RedisTarget, options: SubscribeOptions, union: Union, take: BusConnectionOptions['take']) {
  const {name = 'tradetop subscriber', auditMs = 30_000, deniedMs = 5000} = options;
  const {kinds = deskKinds, unknown = true, sharded = true} = options;
  const channels = kinds.map(kind => kind.channel);
  const watch = {name, auditMs, deniedMs, take};
  const enter: BusConnectionOptions['enter'] = client => subscribeChannels(client, channels, unknown);
  const classic = union.join();
  if (target.kind !== 'cluster') return [openBusConnection(target, {...watch, enter, tell: classic, asksRole: true})];
  const nodes = createNodes(target.nodes);
  const shards = (sharded ? channels : []).map(channel => ({channel, tell: union.join()}));
  return [
    openClassic(target, nodes, {...watch, enter, tell: classic}),
    ...shards.map(shard => openShard(target, nodes, {...watch, ...shard})),
  ];
}
