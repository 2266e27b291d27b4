import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {Registry} from 'prom-client';
import {UserError} from '../core/errors.ts';
import {type AlertFigures, registerAlerts} from './alert-metrics.ts';
import {registerMetrics} from './metrics-registry.ts';
import {type PublishedFigures, registerPublished} from './published-metrics.ts';
import type {CommitTimes, SyncStats} from './stats.ts';

/** What the endpoint shows of a service. */
type Watched = {readonly stats: () => SyncStats; readonly trouble: () => string | undefined};

type Metrics = {
  readonly port: number;
  /** Feeds the histograms with a committed batch. */
  readonly committed: (times: CommitTimes) => void;
  readonly close: () => Promise<void>;
};

type Address = {readonly host: string; readonly port: number};

/**
 * Serves `/metrics` for Prometheus and `/healthz` (200, or 503 with the reason in words) over HTTP, without TLS or
 * password: give it the loopback address unless the network is trusted. Without `alerts` it has none. Throws a UserError where it cannot listen.
 */
export async function serveMetrics(
  {host, port}: Address,
  watched: () => Watched | undefined,
  alerts?: () => (AlertFigures & PublishedFigures) | undefined,
): Promise<Metrics> {
  const registry = new Registry();
  const committed = registerMetrics(registry, () => watched()?.stats());
  if (alerts) {
    registerAlerts(registry, alerts);
    registerPublished(registry, alerts);
  }
  const server = createServer((request, response) => answer(request, response, registry, watched));
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
  watched: () => Watched | undefined,
): Promise<void> {
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
}

function listen(server: Server, {host, port}: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(
        new UserError(`Metrics cannot be served on ${host}:${port}: ${error.message}.`, 'Give another --metrics PORT.'),
      ),
    );
    server.listen(port, host, () => resolve());
  });
}
