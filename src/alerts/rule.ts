import type {Severity} from '../core/severity.ts';
import type {Micros} from '../core/time.ts';
import type {Alert, State} from '../model/state.ts';

/** What the rules judge. */
export type Seen = Omit<State, 'alerts'>;

/** One thing that can be wrong. */
export type AlertRule = {
  /** Stable over time: `bus_down`, `blocked`. */
  readonly id: string;
  /** When it raises an alert, in a phrase. */
  readonly when: string;
  /** What is wrong now, if anything. */
  readonly find: (state: Seen) => readonly AlertFinding[];
};

/** What a rule finds wrong. */
export type AlertFinding = {
  /** Tells apart the findings of a rule that can have several: the alert's id is then `blocked:SUBJECT`. */
  readonly subject?: string;
  readonly severity: Alert['severity'];
  readonly text: string;
  /** Since when, where the state itself says so. */
  readonly since?: Micros | undefined;
};

/** A finding when the severity is not `ok`, else none. */
export const found = (severity: Severity, finding: Omit<AlertFinding, 'severity'>): readonly AlertFinding[] =>
  severity === 'ok' ? [] : [{...finding, severity}];
