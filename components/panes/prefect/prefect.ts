import {age, count} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import {ageColumn, detailColumn, numberColumn, severityColumn, textColumn} from '../../lines/columns.ts';
import {statusOf} from '../../lines/status.ts';
import type {Column} from '../../lines/table.ts';
import {GLYPH, type Line} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import {prefectKey, prefectRows, type PrefectPaneRow as Row} from './row.ts';

const runOf = (row: Row) => (row.kind === 'run' ? row.of : undefined);

const columns: readonly Column<Row>[] = [
  severityColumn({of: row => row.severity}),
  textColumn({id: 'kind', title: 'KIND', priority: 2, width: 6, value: row => row.kind, style: () => 'faint'}),
  textColumn({
    id: 'name',
    title: 'FLOW OR NAME',
    priority: 0,
    width: 12,
    ideal: 20,
    max: 40,
    value: row => row.name,
    style: () => 'strong',
  }),
  textColumn({
    id: 'state',
    title: 'STATE',
    priority: 0,
    width: 7,
    ideal: 9,
    max: 12,
    value: row => row.state,
    style: row => (row.severity === 'ok' ? undefined : 'strong'),
  }),
  ageColumn({id: 'at', title: 'AGE', priority: 0, width: 6, at: row => row.at, missing: ''}),
  numberColumn({
    id: 'usual_seconds',
    title: 'USUAL',
    priority: 1,
    width: 6,
    value: row => runOf(row)?.usualSeconds,
    format: age,
  }),
  textColumn({
    id: 'note',
    title: 'NOTE',
    priority: 0,
    width: 10,
    ideal: 20,
    max: 500,
    share: 0.4,
    value: row => row.note,
  }),
  detailColumn({id: 'run', value: row => runOf(row)?.name}),
  detailColumn({id: 'id', value: row => runOf(row)?.id}),
  detailColumn({id: 'state_type', value: row => runOf(row)?.stateType}),
  detailColumn({id: 'recovered', value: row => runOf(row)?.recovered}),
  detailColumn({id: 'pool', value: row => (row.kind === 'run' ? undefined : row.of.pool)}),
];

const OF_RUNS = ['usual_seconds', 'run', 'id', 'state_type', 'recovered'];

/** Prefect's flow runs that are late, run or failed, its workers and its work pools. */
export const prefectPane = definePane({
  id: 'prefect',
  title: 'Prefect',
  columns,
  select: ({samples: {prefect, prefect_runs: runs, prefect_workers: workers}, at}: State) => ({
    status: statusOf(runs.state === 'empty' && workers.rows.length > 0 ? {...runs, state: 'ok'} : runs, at),
    runs: runs.rows,
    workers: workers.rows,
    counts: prefect.rows[0],
  }),
  rows: ({runs, workers}) => prefectRows(runs, workers),
  rowKey: prefectKey,
  head: ({counts}) => summary(counts),
  foot: (_data, rows) => {
    const silent = rows.filter(row => row.kind === 'worker' && row.severity !== 'ok').length;
    const heard = rows.filter(row => row.kind === 'worker').length - silent;
    return [[`workers ${count(heard)} heard, ${count(silent)} silent`, 'faint']];
  },
  remarks: ({counts}) =>
    counts?.initialised === false ? ['Prefect has not made its tables yet: prefect server database upgrade -y'] : [],
  empty: ({counts}) =>
    counts?.initialised === false
      ? ''
      : 'no flow run is late or running, or has failed in the last 24 hours; no worker is known',
  brief: ({counts}): Line => summary(counts),
  applies: (row, id) => (row.kind === 'run' ? id !== 'pool' : !OF_RUNS.includes(id)),
  rowStyle: row => (row.kind === 'run' && row.of.recovered ? 'faint' : undefined),
});

function summary(counts: State['samples']['prefect']['rows'][number] | undefined): Line {
  if (counts === undefined) return [];
  if (!counts.initialised) return [['no tables yet', 'faint']];
  const {lateRuns, runningRuns, failedRuns} = counts;
  return [
    ...(lateRuns > 0 ? ([[`${GLYPH.warn} `, 'warn'], [`${count(lateRuns)} late`, 'strong'], [' · ']] as const) : []),
    [`${count(runningRuns)} running`],
    [` · ${count(failedRuns)} failed in 24 h`, failedRuns > 0 ? 'strong' : 'faint'],
  ];
}
