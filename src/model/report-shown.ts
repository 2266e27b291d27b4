import type {SafeText} from '../core/sanitise.ts';
import type {DeskReport} from '../report/document.ts';

/** The report that was asked for last, or why there is none. */
export type ReportShown =
  | {readonly phase: 'reading'}
  | {readonly phase: 'refused'; readonly why: SafeText; readonly next: SafeText}
  | {readonly phase: 'read'; readonly report: DeskReport};
