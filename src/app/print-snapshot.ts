import asciichart from 'asciichart';
import Table from 'cli-table3';
import {toAscii} from '../../components/lines/ascii.ts';
import {PANES} from '../../components/panes/index.ts';
import type {PaneTable} from '../../components/panes/shared/pane-table.ts';
import {alertText, wantingAttention} from '../alerts/wanting.ts';
import type {Config} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {snakeCase} from '../core/name-case.ts';
import {isoMicros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import {alertJson} from './alert-json.ts';
import {csvOf} from './csv.ts';
import {withStateOnce} from './state-once.ts';

export type SnapshotOptions = {
  /** Default: tables. CSV is of one pane. */
  readonly format?: 'tables' | 'json' | 'csv';
  /** The id of the only pane to print; default: all. */
  readonly pane?: string;
  /** Most rows of a pane's table; default 20. JSON has all. */
  readonly rows?: number;
};

/** Reads every source once and prints it. Gives the exit code; throws a UserError where `pane` has no rows to show. */
export function printSnapshot(config: Config, {format = 'tables', pane, rows = 20}: SnapshotOptions): Promise<number> {
  return withStateOnce(config, {name: 'tradetop snapshot', wait: false}, state => {
    const tables = PANES.filter(p => pane === undefined || p.id === pane).map(p => p.table(state));
    const write = {
      json: () => `${JSON.stringify(jsonOf(state, tables), null, 2)}\n`,
      csv: () => tables.map(csvOf).join(''),
      tables: () => (config.ascii ? toAscii(textOf(state, tables, rows)) : textOf(state, tables, rows)),
    };
    process.stdout.write(write[format]());
    // What a desk does not have (Prefect, an extension) is no fault, unless it was asked for.
    const well = pane === undefined ? ['ok', 'empty', 'unsupported'] : ['ok', 'empty'];
    const failing = tables.filter(table => !well.includes(table.status.state));
    if (pane !== undefined && failing[0]) {
      throw new UserError(`${failing[0].title}: ${failing[0].status.detail}`, failing[0].status.next);
    }
    return failing.length === 0 ? 0 : 1;
  });
}

const iso = (at: number | undefined): string | null => (at === undefined ? null : isoMicros(at));

/** The one JSON document: money is digits in strings, times are ISO 8601 in UTC with microseconds. @internal */
export function jsonOf(state: State, tables: readonly PaneTable[]): unknown {
  const {about, bus, samples} = state;
  return {
    at: isoMicros(state.at),
    environment: about.environment,
    server: {
      state: samples.server.state,
      address: about.trading,
      user: about.user,
      ...snake({...samples.server.rows[0], startedAt: iso(samples.server.rows[0]?.startedAt)}),
    },
    redis: {
      state: samples.redis.state,
      address: about.redis,
      ...snake(samples.redis.rows[0] ?? {}),
      bus: {
        ...snake({...bus.link, since: iso(bus.link.since), retryAt: iso(bus.link.retryAt)}),
        seen: bus.seen,
        duplicates: bus.duplicates,
        missed: bus.missed,
        gaps: bus.gaps,
        rejected: bus.rejected,
        rejects: bus.rejects,
        channels: bus.channels.map(c => snake({...c, lastAt: iso(c.lastAt)})),
      },
    },
    panes: Object.fromEntries(
      tables.map(({id, status, remarks, rows}) => [
        id,
        {
          state: status.state,
          at: iso(status.at),
          ...(status.why === undefined ? {} : {why: status.why}),
          ...(status.next === '' ? {} : {next: status.next}),
          ...(remarks.length === 0 ? {} : {remarks}),
          rows: rows.map(row => row.values),
        },
      ]),
    ),
    alerts: state.alerts.map(alertJson),
    unread: state.unread,
  };
}

const snake = (value: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(value).map(([key, v]) => [
      snakeCase(key),
      v === undefined ? null : /At$/.test(key) && typeof v === 'number' ? isoMicros(v) : v,
    ]),
  );

function textOf(state: State, tables: readonly PaneTable[], rows: number): string {
  const {about, samples, bus} = state;
  const server = samples.server.rows[0];
  const head = [
    `tradetop ${about.environment}  ${isoMicros(state.at)}`,
    `PostgreSQL ${about.trading}  ${server ? `${server.version} ${server.standby ? 'standby' : 'primary'}, ${server.sessions}/${server.maxConnections} sessions` : samples.server.state}`,
    `Redis ${about.redis}  ${samples.redis.rows[0]?.version ?? samples.redis.state}, bus ${bus.link.state}`,
    ...wantingAttention(state.alerts).map(alert => `${alert.severity === 'crit' ? '✖' : '▲'} ${alertText(alert)}`),
    ...(state.unread.length === 0 ? [] : [`not read, so that nothing is known of it: ${state.unread.join(', ')}`]),
  ];
  return `${[head.join('\n'), ...tables.map(table => paneText(table, rows)), chartOf(state, tables)].filter(Boolean).join('\n\n')}\n`;
}

function paneText(pane: PaneTable, maxRows: number): string {
  const title = `${pane.title}: ${pane.summary.map(([text]) => text).join('')}${pane.status.detail === '' ? '' : `  ${pane.status.detail}`}`;
  const remarks = pane.remarks.map(text => `  ${text}`);
  if (pane.rows.length === 0) return [[title, pane.status.next].filter(Boolean).join('\n  '), ...remarks].join('\n');
  const shown = pane.columns
    .map((column, i) => ({column, i}))
    .filter(({column}) => column.title !== '' && column.priority <= 5);
  const table = new Table({
    head: shown.map(({column}) => column.title),
    colAligns: shown.map(({column}) => column.align),
    style: {head: [], border: [], compact: true},
  });
  for (const row of pane.rows.slice(0, maxRows)) table.push(shown.map(({i}) => (row.texts[i] ?? '').slice(0, 60)));
  const more =
    pane.rows.length > maxRows
      ? `\n  and ${pane.rows.length - maxRows} more (--rows ${pane.rows.length}, or --json)`
      : '';
  return `${[title, ...remarks].join('\n')}\n${table.toString()}${more}`;
}

/** A chart of the trades of the last two minutes, where there were any. */
function chartOf({bus}: State, tables: readonly PaneTable[]): string {
  if (!tables.some(table => table.id === 'trades') || bus.history.every(n => n === 0)) return '';
  return `Trades per 2 s, last 2 min\n${asciichart.plot([...bus.history], {height: 5, format: (n: number) => n.toFixed(1).padStart(8)})}`;
}
