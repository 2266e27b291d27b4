import type {SafeText} from '../core/sanitise.ts';
import type {Micros} from '../core/time.ts';

/** The statement whose plan is asked for: what a session runs, or an entry of pg_stat_statements. */
export type ExplainTarget =
  | {readonly kind: 'session'; readonly pid: number; readonly backendStart: Micros}
  | {readonly kind: 'statement'; readonly userid: string; readonly dbid: string; readonly queryid: string};

/** A statement's plan, or why there is none. */
export type Explained =
  | {readonly phase: 'asking'}
  | {readonly phase: 'refused'; readonly why: SafeText; readonly next: SafeText}
  | {
      readonly phase: 'planned';
      readonly query: SafeText;
      /** The plan as PostgreSQL writes it, a line each. */
      readonly lines: readonly SafeText[];
      /** What is certain of it: no more than facts. */
      readonly facts: readonly SafeText[];
    };
