import Table from 'cli-table3';
import {toAscii} from '../../../components/lines/ascii.ts';
import {csvOf} from '../../app/csv.ts';
import {UserError} from '../../core/errors.ts';
import {sanitise} from '../../core/sanitise.ts';
import type {Raw} from '../../io/io.ts';
import {replaceFile} from '../../io/replace-file.ts';
import type {DeskReport, Figures} from '../../report/document.ts';
import {reportMarkdown} from '../../report/markdown.ts';
import {type ReportTable, reportHead, reportTables} from '../../report/tables.ts';

export type ReportFormat = 'tables' | 'md' | 'csv' | 'json';

const FORMATS = ['md', 'csv', 'json'] as const;

/** The format that the flags ask for, else the ending of the file. Throws a UserError for two of them. */
export function formatOf(
  flags: Readonly<Record<(typeof FORMATS)[number], boolean | undefined>>,
  out: string | undefined,
): ReportFormat {
  const asked = FORMATS.filter(format => flags[format] === true);
  if (asked.length > 1) throw new UserError('--md, --csv and --json exclude each other.', 'Leave all but one out.');
  return asked[0] ?? FORMATS.find(format => out?.toLowerCase().endsWith(`.${format}`)) ?? 'tables';
}

type Output = {readonly format: ReportFormat; readonly out: string | undefined; readonly ascii: boolean};

/** Prints a report, or writes it to a file that only its owner reads. Throws a UserError where it cannot be written. */
export function printReport(report: DeskReport, {format, out, ascii}: Output): void {
  const write = {
    json: () => `${JSON.stringify(report, null, 2)}\n`,
    csv: () => figuresCsv(report),
    md: () => reportMarkdown(report),
    tables: () => (ascii ? toAscii(tablesText(report)) : tablesText(report)),
  };
  const text = write[format]();
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  replaceFile(out, text);
  process.stderr.write(`Written to ${sanitise(out, 300)}.\n`);
}

const tablesText = (report: DeskReport): string =>
  `${[reportHead(report).join('\n'), ...reportTables(report).map(tableText)].join('\n\n')}\n`;

function tableText({title, head, rows, remark}: ReportTable): string {
  const below = remark === undefined ? [] : [`  ${remark}`];
  if (rows.length === 0) return [title, ...below].join('\n');
  const table = new Table({
    head: head.map(({text}) => text),
    colAligns: head.map(({align}) => align),
    style: {head: [], border: [], compact: true},
  });
  for (const row of rows) table.push(row.map(text => text.slice(0, 80)));
  return [title, table.toString(), ...below].join('\n');
}

const FIELDS = [
  'of',
  'account',
  'strategy',
  'from',
  'to',
  'trades',
  'turnover',
  'decided',
  'win_rate',
  'realized_pnl',
  'unrealized_pnl',
  'commission',
];

/** The figures: of the desk, of each account and strategy, and of each account's part of a strategy. */
function figuresCsv({figures: {desk, accounts, strategies, lines}, from, to}: DeskReport): string {
  const row = (of: string, values: Figures & {readonly account?: string; readonly strategy?: string}) => ({
    key: '',
    texts: [],
    values: {of, from, to, ...values},
  });
  return csvOf({
    fields: FIELDS,
    rows: [
      row('desk', desk),
      ...accounts.map(one => row('account', one)),
      ...strategies.map(one => row('strategy', one)),
      ...lines.map(one => row('account and strategy', one)),
    ],
  });
}

/** The kept reports as a table, or a sentence where there is none. */
export function listText(rows: readonly Raw[]): string {
  if (rows.length === 0) return 'No report is kept: tradetop report --save keeps one.';
  const names = Object.keys(rows[0] ?? {});
  const table = new Table({head: names, style: {head: [], border: [], compact: true}});
  for (const row of rows) table.push(names.map(name => sanitise(String(row[name] ?? ''), 80)));
  return table.toString();
}
