import asciichart from 'asciichart';
import {toAscii} from '../../components/lines/ascii.ts';
import {PANES} from '../../components/panes/index.ts';
import type {PaneTable} from '../../components/panes/shared/pane-table.ts';
import {alertText, wantingAttention} from '../alerts/wanting.ts';
import type {Config} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {isoMicros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import {csvOf} from './csv.ts';
import {jsonOf, paneText} from './snapshot-forms.ts';
import {withStateOnce} from './state-once.ts';

export type SnapshotOptions = {
  /** Default: tables. CSV is of one pane. */
  readonly format?: 'tables' | 'json' | 'csv';
  /** The id of the only pane to print; default: all. */
  readonly pane?: string;
  /** Most rows of a pane's table; default 20. JSON has all. */
  readonly rows?: number;
  /** Marks, portfolios and the market's hours may come from the cache in Redis. */
  readonly cached?: boolean;
};

/** Reads every source once and prints it. Gives the exit code; throws a UserError where `pane` has no rows to show. */
export function printSnapshot(config: Config, options: SnapshotOptions): Promise<number> {
  const {format = 'tables', pane, rows = 20, cached = false} = options;
  return withStateOnce(config, {name: 'tradetop snapshot', wait: false, cached}, state => {
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

/** A chart of the trades of the last two minutes, where there were any. */
function chartOf({bus}: State, tables: readonly PaneTable[]): string {
  if (!tables.some(table => table.id === 'trades') || bus.history.every(n => n === 0)) return '';
  return `Trades per 2 s, last 2 min\n${asciichart.plot([...bus.history], {height: 5, format: (n: number) => n.toFixed(1).padStart(8)})}`;
}
