import {createServer, type Server} from 'node:http';
import {Counter, Gauge, Histogram, Registry} from 'prom-client';
import {UserError} from '../core/errors.ts';
import type {SyncStats} from './stats.ts';

/** What the endpoint tells of a service. */
export type Watched = {readonly stats: () => SyncStats; readonly trouble: () => string | undefined};

export type Metrics = {
  readonly port: number;
  /** Feeds the histograms with a batch that was committed. */
  readonly committed: (lagsMs: readonly number[], trades: number, ms: number) => void;
  readonly close: () => Promise<void>;
};

type Where = {readonly host: string; readonly port: number};

/**
 * Serves `/metrics` for Prometheus and `/healthz` (200, or 503 with the reason in words) over HTTP. Without TLS or
 * password, so on the loopback address unless told otherwise. Throws a UserError where the port cannot be had.
 */
export async function serveMetrics({host, port}: Where, watched: () => Watched | undefined): Promise<Metrics> {
  const registry = new Registry();
  const committed = histograms(registry);
  collectFrom(registry, () => watched()?.stats());
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
    if (path === '/healthz') {
      const service = watched();
      const trouble = service ? service.trouble() : 'starting';
      response.writeHead(trouble === undefined ? 200 : 503, {'content-type': 'application/json'});
      return void response.end(`${JSON.stringify(trouble === undefined ? {ok: true} : {ok: false, why: trouble})}\n`);
    }
    if (path !== '/metrics') return void response.writeHead(404).end();
    response.writeHead(200, {'content-type': registry.contentType});
    response.end(await registry.metrics());
  });
  await listen(server, {host, port});
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    committed,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, {host, port}: Where): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(
        new UserError(`Metrics cannot be served on ${host}:${port}: ${error.message}.`, 'Give another --metrics PORT.'),
      ),
    );
    server.listen(port, host, () => resolve());
  });
}

function histograms(registry: Registry): Metrics['committed'] {
  const registers = [registry];
  const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
  const lag = new Histogram({
    name: 'tradetop_sync_commit_lag_seconds',
    help: 'From a trade’s publication to its commit',
    buckets: seconds,
    registers,
  });
  const size = new Histogram({
    name: 'tradetop_sync_batch_trades',
    help: 'Trades in a transaction',
    buckets: [1, 5, 10, 50, 100, 500, 1000, 2000],
    registers,
  });
  const time = new Histogram({
    name: 'tradetop_sync_batch_seconds',
    help: 'Time of a batch’s transaction',
    buckets: seconds,
    registers,
  });
  return (lagsMs, trades, ms) => {
    for (const each of lagsMs) lag.observe(Math.max(each, 0) / 1000);
    size.observe(trades);
    time.observe(ms / 1000);
  };
}

// Counts are kept by the service itself; they are read when someone asks.
function collectFrom(registry: Registry, stats: () => SyncStats | undefined): void {
  const registers = [registry];
  const counter = (
    name: string,
    help: string,
    label: string,
    of: (s: SyncStats) => readonly (readonly [string, number])[],
  ) =>
    new Counter({
      name: `tradetop_sync_${name}`,
      help,
      labelNames: [label],
      registers,
      collect() {
        const now = stats();
        this.reset();
        for (const [value, count] of now ? of(now) : []) this.inc({[label]: value}, count);
      },
    });
  const gauge = (name: string, help: string, of: (s: SyncStats) => number) =>
    new Gauge({
      name: `tradetop_sync_${name}`,
      help,
      registers,
      collect() {
        const now = stats();
        if (now) this.set(of(now));
      },
    });
  counter('received_total', 'Events received', 'channel', s => s.channels.map(c => [c.channel, c.received] as const));
  counter('rejected_total', 'Messages not taken', 'reason', s => Object.entries(s.rejected));
  counter('events_total', 'Events by what became of them', 'outcome', s => Object.entries(s.applied));
  counter('gaps_total', 'Gaps by what became of them', 'state', s => [
    ['declared', s.gaps.declared],
    ['filled', s.gaps.filled],
  ]);
  counter('dropped_total', 'Events that found no room, to be recovered', 'why', s => [
    ['overflow', s.queue.overflowed],
  ]);
  gauge(
    'queue_events',
    'Events that wait for their transaction',
    s => s.queue.trades + s.queue.positions + s.queue.marks,
  );
  gauge('gaps_open', 'Gaps that are not filled', s => s.gaps.open);
  gauge('link_up', 'Whether the bus is heard', s => (s.link.state === 'ready' ? 1 : 0));
  gauge('stream_lag', 'Entries of the stream that no worker was given yet', s => s.stream?.lag ?? 0);
  gauge('stream_pending', 'Entries that were given and not acknowledged', s => s.stream?.pending ?? 0);
}
