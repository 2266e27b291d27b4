import type {WatchedAlerts} from '../app/alert-watch.ts';
import {openSyncMetrics} from '../app/sync-metrics.ts';
import {MOST_SHARDS} from '../bus/streams.ts';
import type {ConfigFlags} from '../config/config.ts';
import {envOf} from '../config/settings.ts';
import {UserError} from '../core/errors.ts';
import {unknownWord} from '../core/nearest.ts';
import {sanitise} from '../core/sanitise.ts';
import {nextSignal} from '../io/signals.ts';
import {loadSql} from '../io/sql.ts';
import type {SyncMode} from '../sync/consumer.ts';
import {serveMetrics} from '../sync/metrics.ts';
import {type SyncService, startSync} from '../sync/service.ts';
import {checkSlot} from '../sync/slot-server.ts';
import {defineCommand} from './shared/command.ts';
import {LAST_MS, serviceLog} from './shared/service-log.ts';
import {watchedAlerts} from './shared/watched-alerts.ts';

/** `tradetop sync`: the synchroniser as a service. At a signal it commits what it holds and ends within 10 s. */
export const syncCommand = defineCommand({
  name: 'sync',
  summary: 'keeps analytics in step with the bus: every trade counts once, whatever breaks',
  details:
    'Runs until SIGTERM or SIGINT. It needs no server to start, and continues when a server comes back. ' +
    'Trades that did not arrive on the bus are recovered from execution.trades. Logs JSON lines to stderr or --log-file, ' +
    'and to logging.system_logs.',
  flags: {
    metrics: {type: 'number', value: 'PORT', help: 'serve /metrics for Prometheus and /healthz on this port'},
    metricsHost: {type: 'string', value: 'HOST', help: 'address of the metrics (127.0.0.1)'},
    mode: {type: 'string', value: 'MODE', help: 'pubsub, or streams to share the work among several workers (pubsub)'},
    source: {
      type: 'string',
      value: 'SOURCE',
      help: 'bus, or slot to read every change from PostgreSQL’s WAL by a replication slot, without Redis (bus)',
    },
    shards: {
      type: 'number',
      value: 'N',
      help: `with --mode streams: divide the stream into N shards, by account (as many as there are; at most ${MOST_SHARDS})`,
    },
    notify: {type: 'boolean', help: 'also send alerts to people, as tradetop notify does'},
    full: {type: 'boolean', help: 'let the hourly sweep look at all trades, not at those of the last 48 hours'},
    worker: {
      type: 'string',
      value: 'NAME',
      help: 'this worker’s name; workers that run at the same time need different ones (default: the host’s name)',
    },
  },
  run: async ({flags, config}) => {
    const settings = config();
    const mode = modeOf(flags.source, flags.mode);
    const shards = flags.shards === undefined ? undefined : shardsOf(flags.shards, mode);
    const worker = flags.worker === undefined ? undefined : workerOf(flags.worker);
    if (mode === 'slot') await checkSlot(settings.trading, loadSql());
    const {logger: log, close: closeLog} = serviceLog(settings, 'sync');
    let service: SyncService | undefined;
    const where = {host: flags.metricsHost ?? '127.0.0.1', port: portOf(flags.metrics ?? 0)};
    let alerts: WatchedAlerts | undefined;
    const figures = () => alerts && alertFigures(alerts.now());
    const metrics = flags.metrics === undefined ? undefined : await serveMetrics(where, () => service, figures);
    const published = openSyncMetrics(settings.redis, () => service?.pools());
    service = startSync({
      mode,
      trading: settings.trading,
      redis: settings.redis,
      sql: loadSql(),
      log,
      ...(metrics ? {onCommit: metrics.committed} : {}),
      onChanged: published.changed,
      full: flags.full === true,
      ...(shards === undefined ? {} : {shards}),
      ...(worker === undefined ? {} : {worker}),
    });
    log.info({worker: service.worker, mode, ...(metrics ? {metrics: metrics.port} : {})}, 'started');
    const notify = flags.notify ? await import('../app/notify.ts') : undefined;
    const env = envOf(flags as ConfigFlags);
    if (metrics || notify) {
      const watching = {config: settings, env, name: 'tradetop sync alerts', log, everyMs: notify?.NOTIFY_EVERY_MS};
      void watchedAlerts(watching).then(watched => {
        alerts = watched;
      });
    }
    const notifier = notify?.startAlertNotifier(settings, env, () => alerts?.now(), log);
    await nextSignal().code;
    // Whatever hangs, the process ends within 10 s of the signal.
    setTimeout(() => process.exit(1), 9800).unref();
    const code = (await service.stop()) ? 0 : 1;
    await Promise.all([metrics, alerts, notifier].map(one => one?.close()));
    await Promise.all([published.close(LAST_MS), closeLog(LAST_MS)]);
    // A repair that still runs on the server keeps its connection open; the next start begins it again.
    setTimeout(() => process.exit(code), 100).unref();
    return code;
  },
});

/** What the metrics show of the alerts, and of what services publish. */
const alertFigures = ({alerts, unread, bus}: ReturnType<WatchedAlerts['now']>) => ({
  pools: bus.published ?? [],
  caches: bus.caches ?? [],
  alerts: alerts
    .filter(({mutedUntil}) => mutedUntil === undefined)
    .map(({rule, severity, subject = ''}) => ({rule, severity, subject})),
  unknown: unread.length,
});

function modeOf(source: string = 'bus', text?: string): SyncMode {
  if (source !== 'bus' && source !== 'slot') {
    throw unknownWord('source', source, ['bus', 'slot'], '--source bus, or --source slot.');
  }
  if (source === 'slot') {
    if (text === undefined) return 'slot';
    throw new UserError('--mode is of the bus: a slot is read in one way only.', 'Leave --mode out, or --source slot.');
  }
  if (text === undefined || text === 'pubsub') return 'pubsub';
  if (text === 'streams') return text;
  throw unknownWord('mode', text, ['pubsub', 'streams'], '--mode pubsub, or --mode streams.');
}

function shardsOf(shards: number, mode: string): number {
  if (mode !== 'streams') throw new UserError('--shards divides a stream.', 'Give it with --mode streams.');
  if (Number.isInteger(shards) && shards >= 1 && shards <= MOST_SHARDS) return shards;
  throw new UserError(`--shards ${shards} is not possible.`, `Give a whole number from 1 to ${MOST_SHARDS}.`);
}

// What the key column of analytics.sync_workers takes, and what a log line and a pane can show.
function workerOf(name: string): string {
  if (name.trim() !== '' && name.length <= 100 && sanitise(name) === name) return name;
  throw new UserError(
    `--worker ${sanitise(name, 40)} is not a name.`,
    'Give 1 to 100 printable characters; workers that run at the same time need different names.',
  );
}

function portOf(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UserError(
    `--metrics ${Number.isNaN(port) ? 'without a number' : port} is not a port.`,
    'Give a whole number up to 65535; 0 takes one that is free.',
  );
}
