import {livingOf} from '../../../src/alerts/sync-workers.ts';
import {count, duration} from '../../../src/core/format.ts';
import type {State} from '../../../src/model/state.ts';
import type {SyncFigures, SyncRow, SyncWorkerRow} from '../../../src/monitor/sync-rows.ts';
import {definePane} from '../../lines/define-pane.tsx';
import {statusOf} from '../../lines/status.ts';
import {GLYPH, type Line, lineWidth, type Span} from '../../lines/theme.ts';
import {columns} from './columns.ts';
import {applies} from './details.ts';
import {rowKey, type SyncPaneRow, syncRows} from './rows.ts';

const select = (state: State): {readonly sync: SyncRow | undefined} => ({sync: state.samples.sync.rows[0]});

/** What keeps analytics in step with the bus: its workers, their channels and lag, gaps, quarantine, refused messages. */
export const syncPane = definePane({
  id: 'sync',
  title: 'Sync',
  columns,
  select,
  rows: ({sync: row}, memo): readonly SyncPaneRow[] => {
    if (row === undefined) return [];
    const before = memo.get(row) as readonly SyncPaneRow[] | undefined;
    const rows = before ?? syncRows(row);
    memo.set(row, rows);
    return rows;
  },
  rowKey,
  status: state => statusOf(state.samples.sync, state.at),
  head: ({sync: row}, rows) => (row === undefined ? [] : apart(ills(row, rows), lag(row))),
  foot: ({sync: row}, _rows, room) => (row === undefined ? [] : fitted(sums(row), room)),
  remarks: ({sync: row}) =>
    row === undefined || row.workers.length === 0 || livingOf(row.workers).length > 0
      ? []
      : ['no synchroniser is at work: tradetop sync starts one'],
  empty: 'no synchroniser has ever run on this database: tradetop sync starts one',
  brief: ({sync: row}, rows): Line => {
    if (row === undefined) return [];
    if (row.workers.length === 0) return [['no synchroniser has ever run: tradetop sync starts one', 'faint']];
    const ill = ills(row, rows);
    const well: Line = [
      [`${GLYPH.ok} `, 'ok'],
      ['all well', 'faint'],
    ];
    return apart(ill.length > 0 ? ill : well, committed(row), ...sums(row).slice(0, 3));
  },
  applies,
  rowStyle: row => (row.past ? 'faint' : undefined),
});

// Lines beside each other, two cells apart.
const apart = (...lines: readonly Line[]): Line =>
  lines.filter(line => line.length > 0).flatMap((line, i): Line => (i === 0 ? line : [['  '], ...line]));

/** What is not well, in a few words. */
function ills({workers, totals}: SyncRow, all: readonly SyncPaneRow[]): Line {
  const rows = all.filter(row => row.kind === 'worker' && row.severity !== 'ok');
  const living = livingOf(workers);
  const words: readonly (readonly [severity: 'warn' | 'crit', text: string])[] = [
    ...rows.map(row => [row.severity === 'crit' ? 'crit' : 'warn', `${row.name} ${row.state}`] as const),
    ...(living.length === 0 && rows.length === 0 && workers.length > 0 ? [['warn', 'stopped'] as const] : []),
    ...(totals.gapsOpen > 0 ? [['warn', `gaps open ${count(totals.gapsOpen)}`] as const] : []),
    ...(totals.quarantined > 0 ? [['warn', `quarantine ${count(totals.quarantined)}`] as const] : []),
  ];
  return apart(
    ...words.slice(0, 3).map(
      ([severity, text]): Line => [
        [`${GLYPH[severity]} `, severity],
        [text, severity === 'crit' ? 'crit' : 'strong'],
      ],
    ),
  );
}

// Of several workers the slowest one's.
function slowest(workers: readonly SyncWorkerRow[], of: (figures: SyncFigures) => number | undefined): string {
  return duration(livingOf(workers).reduce<number | undefined>((n, {figures}) => max(n, of(figures)), undefined));
}

const committed = ({workers}: SyncRow): Line =>
  livingOf(workers).length === 0 ? [] : [['committed ', 'faint'], [slowest(workers, f => f.commitP50)]];

function lag({workers}: SyncRow): Line {
  if (livingOf(workers).length === 0) return [];
  return [
    ['published → received ', 'faint'],
    [slowest(workers, f => f.receiveP50)],
    [' → committed ', 'faint'],
    [slowest(workers, f => f.commitP50)],
  ];
}

const max = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);

// More events than a batch holds wait, or lie in the stream.
const LONG_QUEUE = 2000;

/** The sums over everything, the most needed first. */
function sums({workers, totals}: SyncRow): readonly Line[] {
  const sum = (text: string, loud: boolean): Line => [[text, loud ? 'strong' : 'faint']];
  const living = livingOf(workers);
  const queue = living.reduce<number | undefined>((n, {figures: {queue: q}}) => add(n, q), undefined);
  const rejected = living.reduce((n, {figures}) => n + figures.rejected.reduce((m, [, times]) => m + times, 0), 0);
  // The group's, told by each of its workers.
  const stream = living.map(worker => worker.figures.stream).find(told => told !== undefined);
  const {ledger, ledgerExact, gapsOpen, gapsFilled, recovered, quarantined} = totals;
  const long = (queue ?? 0) > LONG_QUEUE;
  const waiting = sum(`queue ${count(queue)}`, long);
  return [
    ...(long ? [waiting] : []),
    ...(stream === undefined
      ? []
      : [sum(`stream lag ${count(stream.lag)}, pending ${count(stream.pending)}`, stream.lag > LONG_QUEUE)]),
    sum(`gaps ${count(gapsOpen)} open, ${count(gapsFilled)} filled`, gapsOpen > 0),
    sum(`recovered ${count(recovered)}`, false),
    sum(`quarantine ${count(quarantined)}`, quarantined > 0),
    sum(`ledger ${ledgerExact ? '' : '~'}${count(ledger)}`, false),
    ...(rejected > 0 ? [sum(`rejected ${count(rejected)}`, true)] : []),
    ...(long ? [] : [waiting]),
  ];
}

const add = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : a + b;

/** As many of the sums as there is room for. */
function fitted(all: readonly Line[], room: number): Line {
  const out: Span[] = [];
  for (const line of all) {
    const next: Line = out.length === 0 ? line : [[' · ', 'faint'], ...line];
    if (lineWidth([...out, ...next]) > room) break;
    out.push(...next);
  }
  return out;
}
