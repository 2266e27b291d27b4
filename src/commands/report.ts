import {thisOperator} from '../actions/operator.ts';
import type {Config} from '../config/config.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {count, signed} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoOf} from '../core/time.ts';
import {openPg} from '../io/pg.ts';
import {loadSql} from '../io/sql.ts';
import {pgName} from '../io/targets.ts';
import type {DeskReport} from '../report/document.ts';
import {type Kept, keepReport, keptReports, rerunReport} from '../report/kept.ts';
import {makeReport, REPORT_PG} from '../report/make-report.ts';
import {defineCommand} from './shared/command.ts';
import {readOnce} from './shared/read-once.ts';
import {formatOf, listText, printReport, type ReportFormat} from './shared/report-output.ts';

const NAME = 'tradetop report';

/** `tradetop report`: a day's figures, or what a shift leaves to the next. */
export const reportCommand = defineCommand({
  name: 'report',
  summary: 'a day’s figures by account and strategy, or a shift’s hand-over; keeps reports',
  details: [
    'Of a day (today without --date): trades, turnover, win rate, realised and unrealised P&L, commission by account and',
    'strategy, limits, quality of the data. With --since the time up to now, and what the next shift must know: alerts, acts,',
    'gaps, quarantine, slow queries, what is open. Days are those of the setting desk.timezone, else UTC’s.',
    '',
    'The figures come from the ledger, exact; what was held at the end is valued at the last bar’s close. Asked for again, a',
    'day that is over has the same figures, unless a trade came late or was changed. --save keeps the report in',
    'analytics.reports; where the figures are others than those kept before, as their next version. --kept prints a kept',
    'report and says whether its figures are still those of today (exit code 1 when they are not).',
  ].join('\n'),
  flags: {
    date: {type: 'string', value: 'DAY', help: 'the day: 2026-11-26, today or yesterday (today)'},
    since: {type: 'string', value: 'TIME', help: 'the shift: the last 30m, 8h or 2d up to now'},
    account: {type: 'string', value: 'ID', help: 'this account only'},
    strategy: {type: 'string', value: 'NAME', help: 'this strategy only; what is held is no strategy’s'},
    md: {type: 'boolean', help: 'Markdown'},
    csv: {type: 'boolean', help: 'the figures as CSV'},
    json: {type: 'boolean', help: 'one JSON document'},
    out: {type: 'string', value: 'FILE', help: 'write it to this file, in the format that its ending says'},
    note: {type: 'string', value: 'TEXT', help: 'say this with it'},
    save: {type: 'boolean', help: 'keep it in analytics.reports'},
    list: {type: 'boolean', help: 'list the kept reports'},
    kept: {type: 'string', value: 'ID', help: 'print a kept report, and compare its figures with those of today'},
  },
  run: async ({flags, config}) => {
    const {date, since, account, strategy, note, save = false, list = false, kept, out, md, csv, json} = flags;
    const format = formatOf({md, csv, json}, out);
    const asks = [date, since, account, strategy, note].some(value => value !== undefined) || save;
    if ((list || kept !== undefined) && (asks || (list && kept !== undefined))) {
      throw new UserError('--list and --kept ask for no new report.', 'Leave the other flags out.');
    }
    if (date !== undefined && since !== undefined) {
      throw new UserError('--date and --since exclude each other.', 'A day, or the time up to now.');
    }
    const settings = config();
    if (list) return listKept(settings, format);
    if (kept !== undefined) return printKept(settings, kept, format, out);
    if (save) refuseReadOnly(settings);
    const asked = {date, since, account, strategy, note};
    const report = await readOnce(settings, NAME, pg => makeReport(pg, asked), REPORT_PG);
    const ended = save ? await keep(settings, report) : undefined;
    printReport(report, {format, out, ascii: settings.ascii});
    if (ended !== undefined) process.stderr.write(`${keptWords(ended, report)}\n`);
    return 0;
  },
});

function refuseReadOnly({readOnly}: Config): void {
  if (readOnly) throw new UserError('read-only: nothing is kept.', 'Add --no-read-only to keep it.');
}

/** Keeps it as this user, not as the monitor. Throws a UserError that says which right is missing. */
async function keep(config: Config, report: DeskReport): Promise<Kept> {
  const {trading} = config;
  const {osUser, client} = thisOperator();
  const pg = openPg(trading, loadSql(), {name: NAME, max: 2, writes: true});
  try {
    return await keepReport(pg.pool, report, sanitise(`${osUser} from ${client}`, 100));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const {message, next, sqlstate} = failureOf(error);
    const to = `TO "${trading.user}"`;
    const right = `Connect as tradetop_operator or svc_analytics, or as a superuser: GRANT SELECT, INSERT ON analytics.reports ${to}; GRANT USAGE ON SEQUENCE analytics.reports_id_seq ${to}; GRANT tradetop_services ${to}; the last one is for the audit log.`;
    throw new UserError(
      `The report was not kept: ${pgName(trading)}: ${sanitise(message)}.`,
      sanitise(sqlstate === '42501' ? right : next, 500),
    );
  } finally {
    await pg.close();
  }
}

/** What became of a report that was to be kept, in a line. */
function keptWords(kept: Kept, {figures}: DeskReport): string {
  if (!kept.isNew) return `Kept already, with the same figures: report ${kept.id}, version ${kept.version}.`;
  const words = `Kept as report ${kept.id}, version ${kept.version} of the figures`;
  if (kept.versionBefore === null || kept.versionBefore === kept.version) return `${words}.`;
  const {desk} = figures;
  return `${words}: version ${kept.versionBefore} had ${kept.tradesBefore} trades and ${signed(kept.pnlBefore, 4)} realised, now ${desk.trades} and ${signed(desk.realized_pnl ?? undefined, 4)}.`;
}

async function listKept(config: Config, format: ReportFormat): Promise<number> {
  const rows = await readOnce(config, NAME, keptReports);
  const iso = rows.map(row =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, (name.endsWith('_at') ? isoOf(value) : undefined) ?? value]),
    ),
  );
  process.stdout.write(`${format === 'json' ? JSON.stringify(iso, null, 2) : listText(iso)}\n`);
  return 0;
}

async function printKept(config: Config, id: string, format: ReportFormat, out: string | undefined): Promise<number> {
  const {report, version, madeBy, now} = await readOnce(config, NAME, pg => rerunReport(pg, id), REPORT_PG);
  printReport(report, {format, out, ascii: config.ascii});
  const same = now.digest === report.figures.digest;
  const [was, is] = [report.figures.desk, now.desk];
  const change = (from: string | null, to: string | null) => `${from ?? 'n/a'} → ${to ?? 'n/a'}`;
  process.stderr.write(
    same
      ? `Version ${version}, kept by ${madeBy}: the figures are still the same.\n`
      : `Version ${version}, kept by ${madeBy}: the figures are others now: trades ${change(count(Number(was.trades)), count(Number(is.trades)))}, realised ${change(was.realized_pnl, is.realized_pnl)}, unrealised ${change(was.unrealized_pnl, is.unrealized_pnl)}.\n`,
  );
  return same ? 0 : 1;
}
