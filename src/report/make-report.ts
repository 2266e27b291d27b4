import {sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import type {DeskReport} from './document.ts';
import {type ReportScope, readFigures} from './figures.ts';
import {readSections} from './sections.ts';
import {readSpan, type SpanAsked} from './span.ts';

/** What a report is about. */
export type ReportAsked = SpanAsked & {
  /** The only account or strategy; default: all. */
  readonly account?: string | undefined;
  readonly strategy?: string | undefined;
  /** What is said with it. */
  readonly note?: string | undefined;
};

/** The connections that a report is read on: one, with time for a day of a million trades. */
export const REPORT_PG = {max: 1, statementMs: 60_000, lockMs: 2000, leavesAt: '1s'} as const;

/**
 * Reads a report: of a day the figures, the use of limits and the quality of the data; of the time up to now also what a
 * shift leaves to the next. Throws a UserError where it is asked for wrongly, and the driver's error where the figures
 * cannot be read; any other part that cannot be read says why.
 */
export async function makeReport(io: Pick<Io, 'query'>, asked: ReportAsked): Promise<DeskReport> {
  const span = await readSpan(io, asked);
  const {account, strategy, note} = asked;
  const scope: ReportScope = {from: span.from, to: span.to, at: span.over ? span.to : span.at, account, strategy};
  const figures = await readFigures(io, scope);
  return {
    kind: span.kind,
    day: span.day === undefined ? null : sanitise(span.day),
    from: sanitise(span.from),
    to: sanitise(span.to),
    time_zone: sanitise(span.timeZone),
    over: span.over,
    account: account === undefined ? null : sanitise(account),
    strategy: strategy === undefined ? null : sanitise(strategy),
    made_at: sanitise(span.at),
    note: note === undefined ? null : sanitise(note, 2000),
    figures,
    sections: [...(await readSections(io, span, scope))],
  };
}
