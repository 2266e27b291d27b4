import {type Micros, nowMicros} from '../core/time.ts';
import {redisWords} from '../io/redis-answer.ts';
import type {RedisTarget} from '../io/targets.ts';
import {createNodes, openClassic, openShard} from './cluster-connections.ts';
import {type BusConnection, type BusConnectionOptions, openBusConnection} from './connection.ts';
import {type ControlEvent, controlKind} from './control.ts';
import {createDecoder, deskKinds, isReject} from './decode.ts';
import type {BusEvent, BusLink, DeskEvent, MetricEvent, Reject} from './event.ts';
import type {EventKind} from './kind.ts';
import {type LinkInput, nextLink, startLink} from './link.ts';
import {metricKinds} from './metric-kinds.ts';
import {subscribeChannels} from './subscription.ts';
import {createUnion, type Union} from './union.ts';

export type SubscribeOptions = {
  /** The kinds that are decoded; default: every kind of the desk. */
  readonly kinds?: readonly EventKind[];
  /** Also subscribe to `data_sync:*`: messages on channels of no kind go to `onReject`. Default true. */
  readonly unknown?: boolean;
  /** In a Cluster, also subscribe to what is sent with SPUBLISH on the channels of `kinds`. Default true. */
  readonly sharded?: boolean;
  readonly onEvent: (event: DeskEvent) => void;
  readonly onReject: (reject: Reject) => void;
  /**
   * Receives what services say of themselves on `data_sync:pools` and `data_sync:caches`, where the pattern `data_sync:*`
   * may be subscribed to. Default: it is left out.
   */
  readonly onMetric?: (event: MetricEvent) => void;
  /** What operators tell services, on `data_sync:control`, where that is among `kinds` or `unknown` is set. Default: not heard. */
  readonly onControl?: (event: Control) => void;
  /** Called once at the start and at every change, including each PING's round trip. */
  readonly onLink: (link: BusLink) => void;
  /** Everything published before this time has arrived, unless it was lost while the link was not ready. */
  readonly onProven?: (sentAt: Micros) => void;
  /** The name in CLIENT LIST. */
  readonly name?: string;
  readonly now?: () => Micros;
  /** Between two PINGs; a path that stays silent for 3 s is given up. Default 1,000. */
  readonly pingMs?: number;
  /** Between two checks that the server still holds the subscription. Default 30,000. */
  readonly auditMs?: number;
  /** Between two tries after the server refused a channel. Default 5,000. */
  readonly deniedMs?: number;
};

const METRIC_CHANNELS: ReadonlySet<string> = new Set(metricKinds.map(kind => kind.channel));
type Control = BusEvent<'control', ControlEvent>;

export type Subscription = {readonly close: () => void};

/**
 * Subscribes to the bus on connections of its own: it connects, subscribes, watches, and reconnects until it is closed.
 * Never throws and never rejects; the link says what goes wrong. In a Cluster, one connection to any node receives what
 * is sent with PUBLISH, and one more a channel receives what is sent with SPUBLISH, which only the channel's owner
 * passes on. The link is ready when all of them are, and lost when one is.
 */
export function subscribe(target: RedisTarget, options: SubscribeOptions): Subscription {
  const {now = nowMicros, kinds = deskKinds} = options;
  const decode = createDecoder([...new Set([...kinds, controlKind])], now);
  const decodeMetric = createDecoder(metricKinds, now) as unknown as (
    ...message: Parameters<typeof decode>
  ) => MetricEvent | Reject;
  const words = (error: unknown) => redisWords(error, target.password());
  let link = startLink(now());
  let closed = false;
  const report = (input: LinkInput): void => {
    if (closed) return;
    const next = nextLink(link, input, now(), words);
    if (next === link) return;
    link = next;
    options.onLink(link);
  };
  const onMetric = (channel: string, message: Buffer): void => {
    if (!options.onMetric) return;
    const outcome = decodeMetric(channel, message);
    if ('reason' in outcome) options.onReject(outcome);
    else options.onMetric(outcome);
  };
  const onMessage = (channel: string, message: Buffer): void => {
    if (closed) return;
    if (METRIC_CHANNELS.has(channel)) {
      onMetric(channel, message);
      return;
    }
    const outcome = decode(channel, message);
    if (isReject(outcome)) options.onReject(outcome);
    else if (outcome.channel === controlKind.channel) options.onControl?.(outcome as unknown as Control);
    else options.onEvent(outcome);
  };
  options.onLink(link);
  const union = createUnion(report);
  const connections = openConnections(target, options, union, onMessage);
  // A PING on every connection at once proves the whole: everything published before it has arrived on each of them.
  const ping = async (): Promise<void> => {
    const [start, sentAt, troubles] = [performance.now(), now(), union.troubles()];
    const answers = await Promise.all(connections.map(connection => connection.ping()));
    if (closed || union.troubles() !== troubles || !answers.every(Boolean)) return;
    if (link.state === 'ready') options.onProven?.(sentAt);
    report({what: 'pong', ms: performance.now() - start});
  };
  const pings = setInterval(() => void ping(), options.pingMs ?? 1000);
  return {
    close: () => {
      closed = true;
      clearInterval(pings);
      for (const connection of connections) connection.close();
    },
  };
}

function openConnections(
  target: RedisTarget,
  options: SubscribeOptions,
  union: Union,
  onMessage: BusConnectionOptions['onMessage'],
): readonly BusConnection[] {
  const {name = 'tradetop subscriber', auditMs = 30_000, deniedMs = 5000} = options;
  const {kinds = deskKinds, unknown = true, sharded = true} = options;
  const channels = kinds.map(kind => kind.channel);
  const watch = {name, auditMs, deniedMs, onMessage};
  const enter: BusConnectionOptions['enter'] = client => subscribeChannels(client, channels, unknown);
  const report = union.join();
  if (target.kind !== 'cluster') return [openBusConnection(target, {...watch, enter, report, asksRole: true})];
  const nodes = createNodes(target.nodes);
  const shards = (sharded ? channels : []).map(channel => ({channel, report: union.join()}));
  return [
    openClassic(target, nodes, {...watch, enter, report}),
    ...shards.map(shard => openShard(target, nodes, {...watch, ...shard})),
  ];
}
