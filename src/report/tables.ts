import {count, money, NA, percent, signed} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {DeskReport, Figures, ReportSection} from './document.ts';

/** A part of a report as it is read: on the terminal, over the panes, in Markdown. */
export type ReportTable = {
  readonly title: SafeText;
  readonly head: readonly {readonly text: SafeText; readonly align: 'left' | 'right'}[];
  readonly rows: readonly (readonly SafeText[])[];
  /** Below the table, or in its place. */
  readonly remark: SafeText | undefined;
};

// What a number is called; everything else is text.
const NUMBERS = new Set(
  'rows recovered seconds trades causes turnover_change pnl_change slow queries mean_ms used limit_value percent events critical worst_percent observed findings open symbols'.split(
    ' ',
  ),
);
const P_AND_L = new Set(['pnl_change', 'turnover_change']);

/** What a report is, a line each. */
export function reportHead(report: DeskReport): readonly SafeText[] {
  const {kind, day, from, to, account, strategy, figures, over, note, made_at} = report;
  const of = [account === null ? [] : [`account ${account}`], strategy === null ? [] : [`strategy ${strategy}`]].flat();
  return [
    `${kind === 'day' ? `Report of ${day}` : 'Hand-over of the shift'}${of.length > 0 ? `: ${of.join(', ')}` : ''}`,
    kind === 'day'
      ? `${shownTime(from)} to ${shownTime(to)}, a day of ${report.time_zone}; made ${shownTime(made_at)}`
      : `${shownTime(from)} to ${shownTime(to)}`,
    `figures ${figures.digest.slice(0, 12)}${over ? '' : ': the day is not over, they will change'}`,
    ...(figures.detached === '0'
      ? []
      : [`${count(Number(figures.detached))} trades are in months that were detached, and in none of these figures`]),
    ...(note === null ? [] : [`note: ${note}`]),
  ].map(line => sanitise(line));
}

/** The parts of a report in their order. */
export function reportTables({kind, figures, sections}: DeskReport): readonly ReportTable[] {
  const {desk, accounts, strategies} = figures;
  // Who takes over a shift asks first what is wrong.
  const first = kind === 'shift' ? sections.filter(({id}) => FIRST.has(id)) : [];
  return [
    ...first.map(sectionTable),
    figuresTable('By account', 'account', [
      ...accounts.map(one => [one.account, one] as const),
      [sanitise('all'), desk] as const,
    ]),
    figuresTable(
      'By strategy',
      'strategy',
      strategies.map(one => [one.strategy, one] as const),
    ),
    ...sections.filter(one => !first.includes(one)).map(sectionTable),
  ];
}

const FIRST = new Set<string>(['open_matters', 'alerts', 'acts']);

const HEAD = ['trades', 'realised P&L', 'unrealised P&L', 'win rate', 'turnover', 'commission'];

function figuresTable(title: string, name: string, rows: readonly (readonly [SafeText, Figures])[]): ReportTable {
  return {
    title: sanitise(title),
    head: [name, ...HEAD].map((text, i) => ({text: sanitise(text), align: i === 0 ? 'left' : 'right'})),
    rows: rows.map(([of, one]) => [of, ...figureCells(one).map(text => sanitise(text))]),
    remark: rows.length === 0 ? sanitise('none') : undefined,
  };
}

const figureCells = ({trades, turnover, win_rate, realized_pnl, unrealized_pnl, commission}: Figures) => [
  count(Number(trades)),
  signed(realized_pnl ?? undefined, 4),
  signed(unrealized_pnl ?? undefined, 4),
  win_rate === null ? NA : percent(Number(win_rate) * 100),
  money(turnover ?? undefined, 4),
  money(commission ?? undefined, 4),
];

function sectionTable({title, columns, rows, cut, failure}: ReportSection): ReportTable {
  return {
    title,
    head: columns.map(text => ({
      text: sanitise(text.replaceAll('_', ' ')),
      align: NUMBERS.has(text) ? ('right' as const) : ('left' as const),
    })),
    rows: rows.map(row => columns.map(name => shownCell(name, row[name] ?? null))),
    remark:
      failure !== null
        ? sanitise(
            `not read, so that nothing is known of it: ${failure.why}: ${failure.message} ${failure.next}`.trim(),
          )
        : rows.length === 0
          ? sanitise('none')
          : cut
            ? sanitise(`and more: only ${rows.length} are listed`)
            : undefined,
  };
}

function shownCell(name: string, value: SafeText | null): SafeText {
  if (value === null) return sanitise(NUMBERS.has(name) ? NA : '');
  if (P_AND_L.has(name)) return sanitise(signed(value, 4));
  return sanitise(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? shownTime(value) : value);
}

/** `2026-11-26T12:04:31.000000Z` as `2026-11-26 12:04:31Z`. */
const shownTime = (iso: string): string => iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
