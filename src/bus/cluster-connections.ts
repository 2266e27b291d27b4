import type {Redis} from 'ioredis';
import {failureOf} from '../core/errors.ts';
import type {HostPort, RedisTarget} from '../io/targets.ts';
import {type BusConnection, type BusConnectionOptions, openBusConnection} from './connection.ts';
import type {LinkInput} from './link.ts';
import {type SubscribeOutcome, subscribeShard} from './subscription.ts';

const ROTATE_MS = 500;
/** After so many redirections in a row it waits, so that the Cluster can agree on the owner. */
const HOPS = 4;
const MOST_NODES = 100;

type Watch = Omit<BusConnectionOptions, 'enter' | 'report' | 'onRefused' | 'onClose'>;

/** The nodes of a Cluster: first those of the address, then those that the Cluster itself has named. */
export type Nodes = {
  readonly list: () => readonly HostPort[];
  readonly add: (node: HostPort) => void;
  /** Replaces all nodes that the Cluster has named. */
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
  readonly report: (input: LinkInput) => void;
};

/**
 * Receives what is sent with PUBLISH. Every node passes it on, so one node is enough; when it goes, the next one
 * follows.
 */
export function openClassic(target: RedisTarget, nodes: Nodes, {enter, ...options}: ClassicOptions): BusConnection {
  return openMoving(target, nodes, (at, move) =>
    openBusConnection(at, {
      ...options,
      enter: async client => {
        const outcome = await enter(client);
        if (outcome.held) void learn(client, at, nodes);
        return outcome;
      },
      onClose: () => move.on(ROTATE_MS),
    }),
  );
}

type ShardOptions = Watch & {readonly channel: string; readonly report: (input: LinkInput) => void};

/**
 * Receives what is sent with SPUBLISH on a channel. Only the node that owns the channel passes it on. Any node names
 * the owner (MOVED), so that the right to SSUBSCRIBE is enough. Where the command does not exist (before Redis 7) or is
 * denied, the connection is ready with a note, and tries again every `auditMs`.
 */
export function openShard(target: RedisTarget, nodes: Nodes, {channel, ...options}: ShardOptions): BusConnection {
  let hops = 0;
  // Without sharded messages, losing the connection loses nothing.
  let without = false;
  const report = (input: LinkInput): void => {
    if (!without || input.what === 'ready') options.report(input);
  };
  const moveOn = (move: Move, inMs: number): void => {
    hops = 0;
    move.on(inMs);
  };
  const refused = (error: Error, at: RedisTarget, move: Move): void => {
    const owner = movedTo(error, at.nodes[0] as HostPort);
    if (owner) {
      nodes.add(owner);
      move.to(owner, hops++ < HOPS ? 0 : ROTATE_MS);
    } else if (isPermanent(error)) {
      without = true;
      report({what: 'ready', note: new Error(`no subscription to sharded messages: ${error.message}`)});
      moveOn(move, options.auditMs);
    } else {
      report({what: 'failed', error});
      report({what: 'retry', inMs: ROTATE_MS});
      moveOn(move, ROTATE_MS);
    }
  };
  const connection = openMoving(target, nodes, (at, move) =>
    openBusConnection(at, {
      ...options,
      report,
      enter: async client => {
        const outcome = await subscribeShard(client, channel);
        if (outcome.held) [hops, without] = [0, false];
        return outcome;
      },
      onRefused: error => refused(error, at, move),
      onClose: () => moveOn(move, ROTATE_MS),
    }),
  );
  return {close: connection.close, ping: () => (without ? Promise.resolve(true) : connection.ping())};
}

/** Leaves the node after a time: for the next one, or for a certain one. */
type Move = {readonly on: (inMs: number) => void; readonly to: (node: HostPort, inMs: number) => void};

// A connection to one node of the Cluster after the other.
function openMoving(
  target: RedisTarget,
  nodes: Nodes,
  open: (at: RedisTarget, move: Move) => BusConnection,
): BusConnection {
  let turn = 0;
  let connection: BusConnection | undefined;
  let timer: NodeJS.Timeout | undefined;
  const leave = (inMs: number, to?: HostPort): void => {
    connection?.close();
    connection = undefined;
    timer = setTimeout(() => enter(to), inMs);
  };
  const move: Move = {on: inMs => leave(inMs), to: (node, inMs) => leave(inMs, node)};
  const enter = (to?: HostPort): void => {
    const all = nodes.list();
    const node = to ?? (all[turn++ % all.length] as HostPort);
    connection = open({...target, kind: 'standalone', nodes: [node]}, move);
  };
  enter();
  return {
    ping: async () => (await connection?.ping()) ?? false,
    close: () => {
      clearTimeout(timer);
      connection?.close();
    },
  };
}

// `MOVED 3999 127.0.0.1:6381`; without a host it means the host of the node that answered.
function movedTo(error: Error, from: HostPort): HostPort | undefined {
  const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(error.message) ?? [];
  return port === undefined ? undefined : {host: host || from.host, port: Number(port)};
}

const isPermanent = (error: Error): boolean =>
  failureOf(error).why === 'denied' || /unknown command/i.test(error.message);

// Where the user may not run CLUSTER SLOTS, only the nodes of the address and the owners of the channels are known.
async function learn(client: Redis, {nodes: [from]}: RedisTarget, nodes: Nodes): Promise<void> {
  const ranges = await client.call('CLUSTER', 'SLOTS').catch(() => []);
  const named = (ranges as readonly (readonly unknown[])[]).flatMap(([, , ...holders]) =>
    holders.map(holder => {
      const [host, port] = holder as readonly [string | null, number];
      return {host: host || (from as HostPort).host, port};
    }),
  );
  if (named.length > 0) nodes.replace(named);
}
