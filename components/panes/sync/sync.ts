import {livingOf} from '../../../src/alerts/sync-workers.ts';
import {count, duration} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import type {SyncRow, SyncWorkerRow} from '../../../src/monitor/sync.ts';
import type {SyncFigures} from '../../../src/monitor/sync-figures.ts';
import {lineWidth} from '../../lines/line.ts';
import {statusOf} from '../../lines/status.ts';
import {GLYPH, type Line, type Span} from '../../lines/theme.ts';
import {definePane} from '../shared/define-pane.tsx';
import type {PaneData} from '../shared/pane.ts';
import {syncColumns} from './columns.ts';
import {applies} from './details.ts';
import {rowKey, type SyncPaneRow} from './row.ts';
import {syncRows} from './rows.ts';

const select = ({samples: {sync}, at}: State): PaneData & {readonly sync: SyncRow | undefined} => ({
  status: statusOf(sync, at),
  sync: sync.rows[0],
});

/** The synchroniser, which keeps analytics in step with the bus: workers, lag, channels, gaps, quarantine, rejected messages. */
export const syncPane = definePane({
  id: 'sync',
  title: 'Sync',
  columns: syncColumns,
  select,
  rows: ({sync: row}, memo): readonly SyncPaneRow[] => {
    if (row === undefined) return [];
    const before = memo.get(row) as readonly SyncPaneRow[] | undefined;
    const rows = before ?? syncRows(row);
    memo.set(row, rows);
    return rows;
  },
  rowKey,
  head: ({sync: row}, rows) => (row === undefined ? [] : spaced(problems(row, rows), lag(row))),
  foot: ({sync: row}, _rows, room) => (row === undefined ? [] : fitted(figuresOf(row), room)),
  remarks: ({sync: row}) =>
    row === undefined || row.workers.length === 0 || livingOf(row.workers).length > 0
      ? []
      : ['no synchroniser is running: tradetop sync starts one'],
  empty: 'no synchroniser has ever run on this database: tradetop sync starts one',
  brief: ({sync: row}, rows): Line => {
    if (row === undefined) return [];
    if (row.workers.length === 0) return [['no synchroniser has ever run: tradetop sync starts one', 'faint']];
    const found = problems(row, rows);
    const none: Line = [
      [`${GLYPH.ok} `, 'ok'],
      ['no problems', 'faint'],
    ];
    return spaced(found.length > 0 ? found : none, committed(row), ...figuresOf(row).slice(0, 3));
  },
  applies,
  rowStyle: row => (row.past ? 'faint' : undefined),
});

// Lines side by side, with two cells between them.
const spaced = (...lines: readonly Line[]): Line =>
  lines.filter(line => line.length > 0).flatMap((line, i): Line => (i === 0 ? line : [['  '], ...line]));

// Texts of problems in a title; the rows have them all.
const MOST_PROBLEMS = 3;

/** What is wrong, in a few words. */
function problems({workers, totals}: SyncRow, all: readonly SyncPaneRow[]): Line {
  const rows = all.filter(row => row.kind === 'worker' && row.severity !== 'ok');
  const living = livingOf(workers);
  const words: readonly (readonly [severity: 'warn' | 'crit', text: string])[] = [
    ...rows.map(row => [row.severity === 'crit' ? 'crit' : 'warn', `${row.name} ${row.state}`] as const),
    ...(living.length === 0 && rows.length === 0 && workers.length > 0 ? [['warn', 'stopped'] as const] : []),
    ...(totals.gapsOpen > 0 ? [['warn', `gaps open ${count(totals.gapsOpen)}`] as const] : []),
    ...(totals.quarantined > 0 ? [['warn', `quarantine ${count(totals.quarantined)}`] as const] : []),
  ];
  return spaced(
    ...words.slice(0, MOST_PROBLEMS).map(
      ([severity, text]): Line => [
        [`${GLYPH[severity]} `, severity],
        [text, severity === 'crit' ? 'crit' : 'strong'],
      ],
    ),
  );
}

// A figure of the slowest worker.
function slowest(workers: readonly SyncWorkerRow[], of: (figures: SyncFigures) => number | undefined): string {
  return duration(livingOf(workers).reduce<number | undefined>((n, {figures}) => max(n, of(figures)), undefined));
}

const committed = ({workers}: SyncRow): Line =>
  livingOf(workers).length === 0 ? [] : [['committed ', 'faint'], [slowest(workers, f => f.commitP50)]];

function lag({workers}: SyncRow): Line {
  if (livingOf(workers).length === 0) return [];
  return [
    ['lag: received ', 'faint'],
    [slowest(workers, f => f.receiveP50)],
    [' · committed ', 'faint'],
    [slowest(workers, f => f.commitP50)],
  ];
}

const max = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

// More events than this, waiting or in the stream, are more than one batch holds.
const LONG_QUEUE = 2000;

/** The figures over all workers, the most important first. */
function figuresOf({workers, totals}: SyncRow): readonly Line[] {
  const figure = (text: string, loud: boolean): Line => [[text, loud ? 'strong' : 'faint']];
  const living = livingOf(workers);
  const queue = living.reduce<number | undefined>((n, {figures: {queue: q}}) => add(n, q), undefined);
  const rejected = living.reduce((n, {figures}) => n + figures.rejected.reduce((m, [, times]) => m + times, 0), 0);
  // The figures of the consumer group: each of its workers reports the same.
  const stream = living.map(worker => worker.figures.stream).find(figures => figures !== undefined);
  const {ledger, ledgerExact, gapsOpen, gapsFilled, recovered, quarantined} = totals;
  const long = (queue ?? 0) > LONG_QUEUE;
  const waiting = figure(`queue ${count(queue)}`, long);
  return [
    ...(long ? [waiting] : []),
    ...(stream === undefined
      ? []
      : [figure(`stream lag ${count(stream.lag)}, pending ${count(stream.pending)}`, stream.lag > LONG_QUEUE)]),
    figure(`gaps ${count(gapsOpen)} open, ${count(gapsFilled)} filled`, gapsOpen > 0),
    figure(`recovered ${count(recovered)}`, false),
    figure(`quarantine ${count(quarantined)}`, quarantined > 0),
    figure(`ledger ${ledgerExact ? '' : '~'}${count(ledger)}`, false),
    ...(rejected > 0 ? [figure(`rejected ${count(rejected)}`, true)] : []),
    ...(long ? [] : [waiting]),
  ];
}

const add = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : a + b;

/** As many of the figures as there is room for. */
function fitted(all: readonly Line[], room: number): Line {
  const out: Span[] = [];
  for (const line of all) {
    const next: Line = out.length === 0 ? line : [[' · ', 'faint'], ...line];
    if (lineWidth([...out, ...next]) > room) break;
    out.push(...next);
  }
  return out;
}
