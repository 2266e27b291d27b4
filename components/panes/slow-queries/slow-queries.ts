import {age, ageAt, count, decimal, duration, plural} from '../../../src/core/format.ts';
import {withoutComments} from '../../../src/core/statement-text.ts';
import type {Micros} from '../../../src/core/time.ts';
import type {State} from '../../../src/model/state.ts';
import {paneUi} from '../../../src/store/ui.ts';
import {remark, type Status, statusOf} from '../../lines/status.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {slowQueryColumns} from './columns.ts';
import {meanMs, type SlowRow, slowLead, slowRowKey} from './row.ts';

/** What `d` steps through. */
const MODES = [
  {id: 'interval', title: 'over the last interval'},
  {id: 'start', title: 'since the console’s start'},
  {id: 'total', title: 'since the statistics’ reset'},
] as const;

/** The statements that took most time in the last interval; before them the queries that have been running too long. */
export const slowQueriesPane = definePane({
  id: 'slow_queries',
  title: 'Slow queries',
  columns: slowQueryColumns,
  select: (state: State) => {
    const info = state.samples.statements_info.rows[0];
    const {mode = 'interval'} = paneUi(state.ui, 'slow_queries');
    const {samples} = state;
    const held =
      mode === 'start' ? samples.statements_start : mode === 'total' ? samples.statements_total : samples.statements;
    const status = statusOf(held, state.at);
    const untracked = samples.running_info.rows[0]?.untracked ?? 0;
    return {
      status:
        status.state === 'empty'
          ? withoutStatements(status, samples.running.rows.length, samples.service_performance.rows.length, untracked)
          : status,
      statements: held.rows,
      mode,
      start: info?.startSeconds,
      running: samples.running.rows,
      services: samples.service_performance.rows,
      measured: failing(status, samples.service_performance, state.at),
      untracked,
      slowMs: state.about.slowMs,
      count: info?.statements,
      dealloc: info?.dealloc ?? 0,
      interval: info?.intervalSeconds,
      reset: info?.statsReset === undefined ? undefined : ageAt(info.statsReset, state.at),
      activity: remark('running queries', samples.running, state.at),
    };
  },
  rows: ({statements, running, services, slowMs}): readonly SlowRow[] => [
    ...running.map(of => ({kind: 'running', slow: true, of}) as const),
    ...statements.map(of => ({kind: 'statement', slow: of.meanMs >= slowMs, of}) as const),
    ...services.map(of => ({kind: 'service', slow: false, of}) as const),
  ],
  rowKey: slowRowKey,
  modes: MODES,
  head: ({interval, start, reset, mode, slowMs, untracked}, rows): Line => {
    const over = rows.filter(row => row.slow).length;
    const span = spanOf(mode, {interval, start, reset});
    const words = ` over ${tidy(slowMs)}: ${over === 0 && untracked > 0 ? 'not known' : count(over)}`;
    return over > 0 || untracked > 0
      ? [
          [`${span} ·`, 'faint'],
          [` ${GLYPH.warn}`, 'warn'],
          [words, 'strong'],
        ]
      : [[`${span} ·${words}`, 'faint']];
  },
  foot: data => [
    [data.count === undefined ? '' : `statements ${count(data.count)}`, 'faint'],
    [data.reset === undefined ? '' : ` · since reset ${data.reset}`, 'faint'],
    [data.dealloc > 0 ? ` · ${count(data.dealloc)} evicted: incomplete` : '', 'strong'],
  ],
  remarks: ({activity, measured, untracked, status}) => [
    ...[activity, measured].filter(words => words !== undefined),
    ...(untracked === 0 || status.detail !== '' ? [] : [`${untrackedWords(untracked)} · ${TRACK}`]),
  ],
  empty: 'no statement ran in this time',
  brief: ({slowMs, untracked}, rows): Line => {
    const over = rows.filter(row => row.slow).length;
    const top = rows.find(row => row.kind !== 'service');
    const first: Line =
      over > 0
        ? [
            [`${GLYPH.warn} `, 'warn'],
            [`${count(over)} over ${tidy(slowMs)}`, 'strong'],
          ]
        : untracked > 0
          ? [
              [`${GLYPH.warn} `, 'warn'],
              [`${plural(untracked, 'session')} not tracked`, 'strong'],
            ]
          : [[`none over ${tidy(slowMs)}`]];
    return top ? [...first, [`  top: ${duration(meanMs(top) ?? 0)} ${withoutComments(top.of.query)}`, 'faint']] : first;
  },
  fresh: row => row.kind !== 'statement',
  copy: row => (row.kind === 'service' ? undefined : row.of.query),
  explains: row => {
    if (row.kind === 'running') return {kind: 'session', pid: row.of.pid, backendStart: row.of.backendStart};
    if (row.kind === 'service') return undefined;
    const [userid = '', dbid = '', queryid = ''] = row.of.key.split('/');
    return {kind: 'statement', userid, dbid, queryid};
  },
  lead: slowLead,
});

const TRACK = 'Run as a superuser: ALTER SYSTEM SET track_activities = on; SELECT pg_reload_conf();';

const untrackedWords = (sessions: number): string =>
  `${plural(sessions, 'session')} without track_activities: what they run is not known`;

/** A line about the services' own measurements, where they fail and not for the pane's own reason. */
const failing = (status: Status, held: State['samples']['service_performance'], now: Micros): string | undefined =>
  held.failure?.message === status.detail ? undefined : remark('the services’ own measurements', held, now);

/** The status where no statement was counted: queries may run all the same, or nobody knows whether any does. */
function withoutStatements(status: Status, running: number, services: number, untracked: number): Status {
  if (running > 0 || (services > 0 && untracked === 0)) return {...status, state: 'ok'};
  if (untracked === 0) return status;
  const detail = untrackedWords(untracked);
  return {...status, state: 'unsupported', severity: 'warn', head: 'not tracked', detail, why: detail, next: TRACK};
}

/** The time that the statements' figures are about. */
function spanOf(
  mode: string,
  {
    interval,
    start,
    reset,
  }: {readonly interval: number | undefined; readonly start: number | undefined; readonly reset: string | undefined},
): string {
  if (mode === 'total') return reset === undefined ? 'since reset' : `since reset ${reset}`;
  if (mode === 'start') return start === undefined ? 'first reading' : `since start ${age(start)}`;
  return interval === undefined ? 'first reading' : `Δ ${decimal(interval).replace('.0', '')} s`;
}

// A setting, not a measurement: `2 s`, not `2.00 s`.
const tidy = (ms: number): string => duration(ms).replace(/\.0+ /, ' ');
