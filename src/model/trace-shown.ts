import type {SafeText} from '../core/sanitise.ts';
import type {Trace} from '../trace/step.ts';

/** The life that was asked for last, or why it is not shown. */
export type TraceShown = {readonly id: SafeText} & (
  | {readonly phase: 'reading'}
  | {readonly phase: 'refused'; readonly why: SafeText; readonly next: SafeText}
  | {readonly phase: 'read'; readonly trace: Trace}
);
