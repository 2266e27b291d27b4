import {type AddressInfo, connect, createServer, type Socket} from 'node:net';

/**
 * pass: forwards everything. blackhole: accepts and keeps connections, forwards nothing, closes nothing (a dead path;
 * new connections hang too). frozen: like blackhole for the open connections, while new ones pass (half-open: one side
 * believes in a connection that the path forgot). reset: every connection ends with RST, new ones too. refuse: nothing
 * listens.
 */
type ProxyMode = 'pass' | 'blackhole' | 'frozen' | 'reset' | 'refuse';

type ProxyOptions = {
  /** Delay of each piece of data in both directions, in milliseconds; order is kept. */
  readonly latencyMs?: number;
  /** Size of the largest piece that is forwarded, in bytes. */
  readonly sliceBytes?: number;
};

export type FaultProxy = {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly mode: () => ProxyMode;
  /** Changes what happens to connections, the open ones included. Resolves when that is in effect. */
  readonly set: (mode: ProxyMode, options?: ProxyOptions) => Promise<void>;
  /** Changes the server that new connections lead to; open ones stay where they are. */
  readonly lead: (target: Target) => void;
  /** Connections accepted since the start, and those open now. */
  readonly counts: () => {readonly accepted: number; readonly open: number};
  readonly close: () => Promise<void>;
};

type Target = {readonly host: string; readonly port: number};
type Pair = {readonly client: Socket; readonly server: Socket; stuck: boolean};

/** Starts a TCP proxy on 127.0.0.1 in front of a server; it can fail in the ways in which networks fail. */
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
    const flow: Flow = {
      options: () => options,
      open: async () => {
        while (mode === 'blackhole' || pair.stuck) await changed.promise;
      },
    };
    void Promise.all([pump(client, server, flow), pump(server, client, flow)]).then(() => pairs.delete(pair));
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

type Flow = {readonly options: () => ProxyOptions; readonly open: () => Promise<void>};

/** Forwards one direction of a connection until it ends. Data that was held back is forwarded when the flow opens. */
async function pump(from: Socket, to: Socket, flow: Flow): Promise<void> {
  from.setNoDelay(true);
  try {
    for await (const data of from.iterator({destroyOnReturn: false}) as AsyncIterable<Buffer>) {
      const {sliceBytes = data.length, latencyMs = 0} = flow.options();
      for (let at = 0; at < data.length; at += sliceBytes) {
        if (latencyMs > 0) await new Promise(resolve => setTimeout(resolve, latencyMs));
        await flow.open();
        if (!to.write(data.subarray(at, at + sliceBytes))) await drained(to);
      }
    }
    await flow.open();
    to.end();
  } catch {
    await flow.open();
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
