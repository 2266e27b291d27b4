import {dec} from '../core/decimal.ts';
import {failureOf} from '../core/errors.ts';
import {keyText, sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import type {Io, Raw} from '../io/io.ts';
import type {ReportSection} from './document.ts';
import type {ReportScope} from './figures.ts';
import type {ReportSpan} from './span.ts';

type SectionSpec = {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly string[];
  /** In which reports it is; `now`: only where the span reaches to now. */
  readonly in: readonly ('day' | 'shift' | 'now')[];
  readonly read: (io: Pick<Io, 'query'>, scope: ReportScope) => Promise<readonly Raw[]>;
};

/** The rows of a statement that takes the span. */
const spanned =
  (statement: string): SectionSpec['read'] =>
  (io, {from, to}) =>
    io.query(statement, [from, to]);

/** Everything in a report but the figures, in its order. */
const SECTIONS: readonly SectionSpec[] = [
  {
    id: 'open_matters',
    title: 'Open now',
    columns: ['what', 'of', 'since', 'id'],
    in: ['shift'],
    read: io => io.query('report/open_matters'),
  },
  {
    id: 'alerts',
    title: 'Alerts',
    columns: ['state', 'severity', 'what', 'fired_at', 'cleared_at', 'seconds', 'cause', 'alert'],
    in: ['shift'],
    read: spanned('report/alerts'),
  },
  {
    id: 'acts',
    title: 'Acts',
    columns: ['at', 'operation', 'target', 'result', 'by', 'rows', 'reason'],
    in: ['shift'],
    read: spanned('report/acts'),
  },
  {
    id: 'gaps',
    title: 'Gaps of the synchroniser',
    columns: ['state', 'reason', 'worker', 'started_at', 'ended_at', 'recovered', 'filled_at', 'error'],
    in: ['shift'],
    read: spanned('report/gaps'),
  },
  {
    id: 'quarantine',
    title: 'Quarantine',
    columns: ['state', 'id', 'kind', 'event', 'first_at', 'reason', 'resolved_by', 'note'],
    in: ['shift'],
    read: spanned('report/quarantine'),
  },
  {
    id: 'restatements',
    title: 'Figures that were changed after they had been counted',
    columns: ['reason', 'trades', 'causes', 'turnover_change', 'pnl_change', 'last_at'],
    in: ['day', 'shift'],
    read: spanned('report/restatements'),
  },
  {
    id: 'slow_queries',
    title: 'Slow queries of the services',
    columns: ['service', 'operation', 'slow', 'queries', 'mean_ms', 'last_at'],
    in: ['shift'],
    read: spanned('report/slow'),
  },
  {
    id: 'limits',
    title: 'Risk limits now',
    columns: ['limit', 'account', 'strategy', 'symbol', 'used', 'limit_value', 'percent', 'of'],
    in: ['now'],
    read: readLimits,
  },
  {
    id: 'limit_events',
    title: 'Risk limits that were neared or broken',
    columns: [
      'limit',
      'account',
      'strategy',
      'symbol',
      'events',
      'critical',
      'worst_percent',
      'observed',
      'limit_value',
      'last_at',
    ],
    in: ['day', 'shift'],
    read: (io, {from, to, account = null, strategy = null}) =>
      io.query('report/limit_events', [from, to, account, strategy]),
  },
  {
    id: 'data_quality',
    title: 'Quality of the market data',
    columns: ['check', 'severity', 'findings', 'open', 'symbols', 'last_at'],
    in: ['day', 'shift'],
    read: spanned('report/quality'),
  },
];

/** A section has at most so many rows. */
const MOST_ROWS = 200;

/** Reads the sections of a report, one after another. What cannot be read says why. */
export async function readSections(
  io: Pick<Io, 'query'>,
  span: ReportSpan,
  scope: ReportScope,
): Promise<readonly ReportSection[]> {
  const reachesNow = span.kind === 'shift' || !span.over;
  const sections: ReportSection[] = [];
  for (const spec of SECTIONS) {
    if (spec.in.includes(span.kind) || (spec.in.includes('now') && reachesNow))
      sections.push(await readSection(io, spec, scope));
  }
  return sections;
}

async function readSection(io: Pick<Io, 'query'>, spec: SectionSpec, scope: ReportScope): Promise<ReportSection> {
  const {id, title, columns} = spec;
  const section = {id: sanitise(id), title: sanitise(title), columns: columns.map(name => sanitise(name))};
  try {
    const rows = await spec.read(io, scope);
    const safe = rows.slice(0, MOST_ROWS).map(row => Object.fromEntries(columns.map(name => [name, cell(row[name])])));
    return {...section, rows: safe, cut: rows.length > MOST_ROWS, failure: null};
  } catch (error) {
    const {why, message, next} = failureOf(error);
    const failure = {why: sanitise(why), message: sanitise(message, 300), next: sanitise(next, 300)};
    return {...section, rows: [], cut: false, failure};
  }
}

/** A value as a report has it: safe to show, a time in ISO 8601. */
const cell = (value: Raw[string] | undefined): ReportSection['rows'][number][string] =>
  value === null || value === undefined || value === '' ? null : sanitise(isoOf(value) ?? keyText(String(value)), 500);

/** The limits that are in force, each with what is used of it now; a limit by the day's loss is summed over the ledger. */
async function readLimits(io: Pick<Io, 'query'>, {account, strategy}: ReportScope): Promise<readonly Raw[]> {
  const limits = await io.query('monitor/risk_limits');
  const losses = new Map((await io.query('monitor/risk_day_loss')).map(row => [row.id, row.used]));
  return limits
    .filter(row => row.enabled === true)
    .filter(row => account === undefined || row.account_id === null || row.account_id === account)
    .filter(row => strategy === undefined || row.strategy === null || row.strategy === strategy)
    .map(row => {
      const used = row.by_day === true ? (losses.get(row.id) ?? null) : (row.used ?? null);
      const percent = used === null ? null : dec(String(used)).times(100).div(String(row.limit_value)).toFixed(1);
      const {limit_type: limit = null, account_id: of = null, ...rest} = row;
      return {...rest, limit, account: of, used, percent, of: row.of ?? null} as Raw;
    })
    .toSorted((a, b) => Number(b.percent ?? -1) - Number(a.percent ?? -1));
}
