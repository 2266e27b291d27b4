import type pg from 'pg';
import {z} from 'zod';
import {UserError} from '../core/errors.ts';
import {withAuditedTransaction} from '../io/audit.ts';
import type {Io, Raw} from '../io/io.ts';
import {readStatement} from '../io/sql.ts';
import {decode, decodeOne, instant, maybeText, rowSchema, text} from '../monitor/columns.ts';
import {type DeskReport, reportSchema} from './document.ts';
import {readFigures} from './figures.ts';

const KEEP = 'report/keep';
const KEPT = 'report/kept';

const keptRow = rowSchema({
  id: text,
  version: z.number(),
  is_new: z.boolean(),
  version_before: z.number().nullable(),
  trades_before: maybeText,
  pnl_before: maybeText,
});

/** What became of a report that was to be kept: the one that is kept, and what the one before had. */
export type Kept = ReturnType<typeof decode<typeof keptRow>>[number];

/**
 * Keeps a report in analytics.reports, in a transaction that the audit log records. One whose span has been kept already
 * with the same figures and the same note is not kept again. Throws the driver's error, and a UserError where trades of the
 * span lie in detached months: the figures would be of a part.
 */
export async function keepReport(
  pool: Pick<pg.Pool, 'connect' | 'query'>,
  report: DeskReport,
  who: string,
): Promise<Kept> {
  const {kind, day, from, to, figures} = report;
  if (figures.detached !== '0') {
    throw new UserError(
      `${figures.detached} trades of this span are in months that were detached: the figures are of a part, and are not kept.`,
      'Attach the months of analytics.archived_sync_ledger again: ALTER TABLE … ATTACH PARTITION.',
    );
  }
  const access = {
    userId: who,
    operation: 'keep-report',
    table: 'analytics.reports',
    target: day ?? `${from} to ${to}`,
    detail: {kind, account: report.account, strategy: report.strategy, digest: figures.digest},
  };
  const {desk} = figures;
  const params = [kind, day, from, to, report.time_zone, report.account, report.strategy, figures.digest];
  return withAuditedTransaction(pool, access, {}, async ({client}) => {
    await client.query(readStatement('report/keep_lock'));
    const {rows} = await client.query(readStatement(KEEP), [
      ...params,
      desk.trades,
      desk.turnover,
      desk.realized_pnl,
      report.note,
      JSON.stringify(report),
      who,
    ]);
    return decodeOne(keptRow, rows as readonly Raw[], KEEP);
  });
}

/** The kept reports, the newest first, as their table has them. */
export const keptReports = (io: Pick<Io, 'query'>): Promise<readonly Raw[]> => io.query('report/kept_list');

const documentRow = rowSchema({
  version: text,
  digest: text,
  made_at: instant,
  made_by: text,
  note: maybeText,
  document: z.string(),
});

/** A kept report, and the figures that its span has now. */
export type Rerun = {
  readonly report: DeskReport;
  readonly version: string;
  readonly madeBy: string;
  readonly now: DeskReport['figures'];
};

/**
 * Reads a kept report and asks for its figures again, valued at the same moment. Throws a UserError where there is none of
 * that id, or it is not a report.
 */
export async function rerunReport(io: Pick<Io, 'query'>, id: string): Promise<Rerun> {
  const [row] = /^\d{1,18}$/.test(id) ? decode(documentRow, await io.query(KEPT, [id]), KEPT) : [];
  if (row === undefined) throw new UserError('There is no kept report of that id.', 'See: tradetop report --list');
  const parsed = reportSchema.safeParse(JSON.parse(row.document));
  if (!parsed.success) {
    throw new UserError(`Kept report ${id} is not one of tradetop’s.`, 'Somebody else wrote that row.');
  }
  const report = parsed.data;
  const {from, to, account, strategy} = report;
  const at = report.over ? to : report.made_at;
  const now = await readFigures(io, {from, to, at, account: account ?? undefined, strategy: strategy ?? undefined});
  return {report, version: row.version, madeBy: row.madeBy, now};
}
