import {type AddressInfo, connect, createServer, type Socket} from 'node:net';

/**
 * pass: hands everything on. blackhole: accepts and keeps connections, hands nothing on, closes nothing (a dead path;
 * new connections hang too). frozen: like blackhole for the connections there are, new ones pass (half-open: one side
 * believes in a connection that the path forgot). reset: every connection ends with RST, new ones as well. refuse: nothing listens.
 */
type ProxyMode = 'pass' | 'blackhole' | 'frozen' | 'reset' | 'refuse';

type ProxyOptions = {
  /** Each piece of data waits this long, in milliseconds, either way; order is kept. */
  readonly latencyMs?: number;
  /** Data is handed on in pieces of at most so many bytes. */
  readonly sliceBytes?: number;
};

export type FaultProxy = {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly mode: () => ProxyMode;
  /** Changes what happens to connections, those there are included. Resolves when it holds. */
  readonly set: (mode: ProxyMode, options?: ProxyOptions) => Promise<void>;
  /** Where new connections lead from now on; those there are stay where they are. */
  readonly lead: (target: Target) => void;
  /** Connections accepted since the start, and those open now. */
  readonly counts: () => {readonly accepted: number; readonly open: number};
  readonly close: () => Promise<void>;
};

type Target = {readonly host: string; readonly port: number};
type Pair = {readonly client: Socket; readonly server: Socket; stuck: boolean};

/** A TCP proxy on 127.0.0.1 in front of a server, that breaks in the ways networks break. */
export async function startProxy(first: Target): Promise<FaultProxy> {
  let {host, port: upstream} = first;
  const pairs = new Set<Pair>();
  let [mode, options, accepted]: [ProxyMode, ProxyOptions, number] = ['pass', {}, 0];
  let changed = Promise.withResolvers<void>();
  const listener = createServer({allowHalfOpen: true}, client => {
    accepted += 1;
    client.on('error', () => {});
    if (mode === 'reset') return void client.resetAndDestroy();
    const server = connect({host, port: upstream, allowHalfOpen: true});
    server.on('error', () => {});
    const pair: Pair = {client, server, stuck: false};
    pairs.add(pair);
    const road: Road = {
      options: () => options,
      open: async () => {
        while (mode === 'blackhole' || pair.stuck) await changed.promise;
      },
    };
    void Promise.all([pump(client, server, road), pump(server, client, road)]).then(() => pairs.delete(pair));
  });
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(port, '127.0.0.1', () => resolve((listener.address() as AddressInfo).port));
    });
  const unlisten = (): Promise<void> => new Promise(resolve => listener.close(() => resolve()));
  const change = async (next: ProxyMode, nextOptions: ProxyOptions): Promise<void> => {
    [mode, options] = [next, nextOptions];
    for (const pair of pairs) pair.stuck = mode === 'frozen' || (pair.stuck && mode === 'blackhole');
    if (mode === 'reset' || mode === 'refuse') {
      for (const {client, server} of pairs) {
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
    }
    changed.resolve();
    changed = Promise.withResolvers();
    if (mode === 'refuse' && listener.listening) await unlisten();
  };
  const port = await listen(0);
  return {
    host: '127.0.0.1',
    port,
    mode: () => mode,
    lead: target => {
      ({host, port: upstream} = target);
    },
    counts: () => ({accepted, open: pairs.size}),
    set: async (next, nextOptions = {}) => {
      await change(next, nextOptions);
      if (next !== 'refuse' && !listener.listening) await listen(port);
    },
    close: () => change('refuse', {}),
  };
}

type Road = {readonly options: () => ProxyOptions; readonly open: () => Promise<void>};

/** One direction of a connection, until it ends. Data that waits on a closed road is handed on when that opens. */
async function pump(from: Socket, to: Socket, road: Road): Promise<void> {
  from.setNoDelay(true);
  try {
    for await (const data of from.iterator({destroyOnReturn: false}) as AsyncIterable<Buffer>) {
      const {sliceBytes = data.length, latencyMs = 0} = road.options();
      for (let at = 0; at < data.length; at += sliceBytes) {
        if (latencyMs > 0) await new Promise(resolve => setTimeout(resolve, latencyMs));
        await road.open();
        if (!to.write(data.subarray(at, at + sliceBytes))) await drained(to);
      }
    }
    await road.open();
    to.end();
  } catch {
    await road.open();
    to.resetAndDestroy();
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    if (socket.destroyed) return resolve();
    socket.once('drain', () => resolve());
    socket.once('close', () => resolve());
  });
}
