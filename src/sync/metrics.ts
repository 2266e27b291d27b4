import {createServer, type Server} from 'node:http';
import {Counter, collectDefaultMetrics, Gauge, Histogram, Registry} from 'prom-client';
import {UserError} from '../core/errors.ts';
import type {SyncStats} from './stats.ts';

/** What the endpoint tells of a service. */
export type Watched = {readonly stats: () => SyncStats; readonly trouble: () => string | undefined};

export type Metrics = {
  readonly port: number;
  /** Feeds the histograms with a batch that was committed. */
  readonly committed: (lagsMs: readonly number[], trades: number, ms: number, receiveMs: readonly number[]) => void;
  readonly close: () => Promise<void>;
};

type Where = {readonly host: string; readonly port: number};

/**
 * Serves `/metrics` for Prometheus and `/healthz` (200, or 503 with the reason in words) over HTTP. Without TLS or
 * password, so on the loopback address unless told otherwise. Throws a UserError where the port cannot be had.
 */
export async function serveMetrics({host, port}: Where, watched: () => Watched | undefined): Promise<Metrics> {
  const registry = new Registry();
  collectDefaultMetrics({register: registry});
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
  const receive = new Histogram({
    name: 'tradetop_sync_receive_lag_seconds',
    help: 'From a trade’s publication to its receipt',
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
  return (lagsMs, trades, ms, receiveMs) => {
    for (const each of lagsMs) lag.observe(Math.max(each, 0) / 1000);
    for (const each of receiveMs) receive.observe(Math.max(each, 0) / 1000);
    size.observe(trades);
    time.observe(ms / 1000);
  };
}

// Counts are kept by the service itself; they are read when someone asks.
function collectFrom(registry: Registry, stats: () => SyncStats | undefined): void {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[], of: (s: SyncStats) => readonly Line[]) =>
    new Counter({
      name: `tradetop_sync_${name}`,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        const now = stats();
        this.reset();
        for (const [count, ...values] of now ? of(now) : []) {
          this.inc(Object.fromEntries(labelNames.map((label, i) => [label, values[i] ?? ''])), count);
        }
      },
    });
  const gauge = (name: string, help: string, of: (s: SyncStats) => number | null) =>
    new Gauge({
      name: `tradetop_sync_${name}`,
      help,
      registers,
      collect() {
        const now = stats();
        const value = now ? of(now) : null;
        if (value !== null) this.set(value);
      },
    });
  counter('received_total', 'Events received', ['channel'], s => s.channels.map(c => [c.received, c.channel] as const));
  counter('rejected_total', 'Messages not taken', ['reason'], s =>
    Object.entries(s.rejected).map(([why, n]) => [n, why]),
  );
  counter('events_total', 'Events by kind and what became of them', ['kind', 'outcome'], eventsOf);
  counter('gaps_total', 'Gaps by what became of them', ['state'], s => [
    [s.gaps.declared, 'declared'],
    [s.gaps.filled, 'filled'],
  ]);
  counter('dropped_total', 'Events that found no room, to be recovered', ['why'], s => [
    [s.queue.overflowed, 'overflow'],
  ]);
  counter('retries_total', 'Batches that the database did not take, to be tried again', [], s => [[s.retries]]);
  counter('link_drops_total', 'Connections to the bus that were lost', [], s => [[s.link.drops]]);
  gauge(
    'queue_events',
    'Events that wait for their transaction',
    s => s.queue.trades + s.queue.positions + s.queue.marks,
  );
  gauge('gaps_open', 'Gaps that are not filled', s => s.gaps.open);
  gauge('quarantine_events', 'Events in quarantine', s => s.stored.quarantine);
  gauge('ledger_trades', 'Trades in the ledger, as the planner knows them', s => s.stored.ledger);
  gauge('link_up', 'Whether the bus is heard', s => (s.link.state === 'ready' ? 1 : 0));
  gauge('database_up', 'Whether the database took the last batch', s => (s.failing ? 0 : 1));
  gauge('stream_lag', 'Entries of the stream that no worker was given yet', s => s.stream?.lag ?? null);
  gauge('stream_pending', 'Entries that were given and not acknowledged', s => s.stream?.pending ?? null);
  gauge('stream_entries', 'Entries of the stream', s => s.stream?.length ?? null);
}

/** A count and the values of its labels. */
type Line = readonly [count: number, ...values: string[]];

// What of each kind was received is what became of it, and what waits yet; `recovered` came from the table instead.
function eventsOf({applied, queue, quarantined_of}: SyncStats): readonly Line[] {
  return [
    [applied.trades, 'trades', 'applied'],
    [applied.duplicates - applied.adopted + queue.duplicates, 'trades', 'duplicate'],
    [applied.adopted, 'trades', 'adopted'],
    [applied.recovered, 'trades', 'recovered'],
    [quarantined_of.trades, 'trades', 'quarantined'],
    [applied.positions, 'positions', 'applied'],
    [applied.stale_positions, 'positions', 'stale'],
    [queue.supersededPositions, 'positions', 'superseded'],
    [quarantined_of.positions, 'positions', 'quarantined'],
    [applied.marks, 'market_data', 'applied'],
    [applied.stale_marks, 'market_data', 'stale'],
    [queue.superseded - queue.supersededPositions, 'market_data', 'superseded'],
    [quarantined_of.market_data, 'market_data', 'quarantined'],
  ];
}
