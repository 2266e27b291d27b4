import type {Redis} from 'ioredis';
import {failureOf} from '../core/errors.ts';
import type {HostPort, RedisTarget} from '../io/targets.ts';
import {type BusConnection, type BusConnectionOptions, openBusConnection} from './connection.ts';
import type {LinkInput} from './link.ts';
import {type SubscribeOutcome, subscribeShard} from './subscription.ts';

const ROTATE_MS = 500;
/** A node that names another one is followed so often at once; then the Cluster is given time to agree. */
const HOPS = 4;
const MOST_NODES = 100;

type Watch = Omit<BusConnectionOptions, 'enter' | 'tell' | 'onRefused' | 'onClose'>;

/** The nodes of a Cluster: those of the address first, then those that the Cluster itself has named. */
export type Nodes = {
  readonly list: () => readonly HostPort[];
  readonly add: (node: HostPort) => void;
  /** Forgets all that were named before. */
  readonly replace: (nodes: readonly HostPort[]) => void;
};

export function createNodes(seeds: readonly HostPort[]): Nodes {
  const keyOf = ({host, port}: HostPort): string => `${host} ${port}`;
  let named: readonly HostPort[] = [];
  const replace = (nodes: readonly HostPort[]): void => {
    const all = new Map(nodes.map(node => [keyOf(node), node]));
    for (const seed of seeds) all.delete(keyOf(seed));
    named = [...all.values()].slice(0, MOST_NODES);
  };
  return {list: () => [...seeds, ...named], add: node => replace([node, ...named]), replace};
}

type ClassicOptions = Watch & {
  readonly enter: (client: Redis) => Promise<SubscribeOutcome>;
  readonly tell: (input: LinkInput) => void;
};

/** What is sent by PUBLISH: every node passes it on, so that one is enough; the next one is taken when it goes. */
export function openClassic(target: RedisTarget, nodes: Nodes, {enter, ...options}: ClassicOptions): BusConnection {
  return movable(target, nodes, (at, go) =>
    openBusConnection(at, {
      ...options,
      enter: async client => {
        const outcome = await enter(client);
        if (outcome.held) void learn(client, at, nodes);
        return outcome;
      },
      onClose: () => go.on(ROTATE_MS),
    }),
  );
}

type ShardOptions = Watch & {readonly channel: string; readonly tell: (input: LinkInput) => void};

/**
 * What is sent by SPUBLISH on a channel: only the node that owns it passes it on. Any node names the owner (MOVED), so
 * that no right but SSUBSCRIBE is needed. Where there is no such thing (Redis before 7), or no right to it, the line is
 * as good as it can be: ready, with a note, and asked for again from time to time.
 */
export function openShard(target: RedisTarget, nodes: Nodes, {channel, ...options}: ShardOptions): BusConnection {
  let hops = 0;
  // Without sharded messages there is nothing that could be lost on the way to them.
  let without = false;
  const tell = (input: LinkInput): void => {
    if (!without || input.what === 'ready') options.tell(input);
  };
  const goOn = (go: Go, inMs: number): void => {
    hops = 0;
    go.on(inMs);
  };
  const refused = (error: Error, at: RedisTarget, go: Go): void => {
    const owner = movedTo(error, at.nodes[0] as HostPort);
    if (owner) {
      nodes.add(owner);
      go.to(owner, hops++ < HOPS ? 0 : ROTATE_MS);
    } else if (isNever(error)) {
      without = true;
      tell({what: 'ready', note: new Error(`sharded messages are not heard: ${error.message}`)});
      goOn(go, options.auditMs);
    } else {
      tell({what: 'failed', error});
      tell({what: 'retry', inMs: ROTATE_MS});
      goOn(go, ROTATE_MS);
    }
  };
  const line = movable(target, nodes, (at, go) =>
    openBusConnection(at, {
      ...options,
      tell,
      enter: async client => {
        const outcome = await subscribeShard(client, channel);
        if (outcome.held) [hops, without] = [0, false];
        return outcome;
      },
      onRefused: error => refused(error, at, go),
      onClose: () => goOn(go, ROTATE_MS),
    }),
  );
  return {close: line.close, ping: () => (without ? Promise.resolve(true) : line.ping())};
}

/** Leaves the node after a time: for the next one, or for a certain one. */
type Go = {readonly on: (inMs: number) => void; readonly to: (node: HostPort, inMs: number) => void};

// A line to one node of the Cluster after the other.
function movable(target: RedisTarget, nodes: Nodes, open: (at: RedisTarget, go: Go) => BusConnection): BusConnection {
  let turn = 0;
  let line: BusConnection | undefined;
  let timer: NodeJS.Timeout | undefined;
  const leave = (inMs: number, to?: HostPort): void => {
    line?.close();
    line = undefined;
    timer = setTimeout(() => enter(to), inMs);
  };
  const go: Go = {on: inMs => leave(inMs), to: (node, inMs) => leave(inMs, node)};
  const enter = (to?: HostPort): void => {
    const all = nodes.list();
    const node = to ?? (all[turn++ % all.length] as HostPort);
    line = open({...target, kind: 'standalone', nodes: [node]}, go);
  };
  enter();
  return {
    ping: async () => (await line?.ping()) ?? false,
    close: () => {
      clearTimeout(timer);
      line?.close();
    },
  };
}

// `MOVED 3999 127.0.0.1:6381`; without a host it is the one that was asked.
function movedTo(error: Error, asked: HostPort): HostPort | undefined {
  const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(error.message) ?? [];
  return port === undefined ? undefined : {host: host || asked.host, port: Number(port)};
}

const isNever = (error: Error): boolean => failureOf(error).why === 'denied' || /unknown command/i.test(error.message);

// Where the user may not ask, the nodes of the address and the owners of the channels are all that is known.
async function learn(client: Redis, {nodes: [asked]}: RedisTarget, nodes: Nodes): Promise<void> {
  const ranges = await client.call('CLUSTER', 'SLOTS').catch(() => []);
  const named = (ranges as readonly (readonly unknown[])[]).flatMap(([, , ...holders]) =>
    holders.map(holder => {
      const [host, port] = holder as readonly [string | null, number];
      return {host: host || (asked as HostPort).host, port};
    }),
  );
  if (named.length > 0) nodes.replace(named);
}
