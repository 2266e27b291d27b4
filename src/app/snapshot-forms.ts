import Table from 'cli-table3';
import type {PaneTable} from '../../components/panes/shared/pane-table.ts';
import {snakeCase} from '../core/name-case.ts';
import {isoMicros} from '../core/time.ts';
import type {State} from '../model/state.ts';
import {alertJson} from './alert-json.ts';

const iso = (at: number | undefined): string | null => (at === undefined ? null : isoMicros(at));

/** The one JSON document: money is digits in strings, times are ISO 8601 in UTC with microseconds. */
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

/** A pane as text: what it says, and a table of at most `maxRows` rows. */
export function paneText(pane: PaneTable, maxRows: number): string {
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
