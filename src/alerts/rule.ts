import type {Severity} from '../core/severity.ts';
import type {Micros} from '../core/time.ts';
import type {Alert, AlertLimits, AlertOwner, SourceId, State} from '../model/state.ts';
import type {LeadPlace} from '../model/ui-state.ts';

/** What the rules judge. */
export type Seen = Omit<State, 'alerts' | 'unread'>;

/** One thing that can be wrong. */
export type AlertRule = {
  /** Stable over time: `bus_down`, `blocked`. */
  readonly id: string;
  /** When it raises an alert, in a phrase. */
  readonly when: string;
  /**
   * What it must have read. While one of them cannot be read the rule is not asked, and what it found stands, as unknown.
   * Empty: it judges the sources themselves.
   */
  readonly needs: readonly SourceId[];
  /** Who has to do something about it. */
  readonly owner: AlertOwner;
  /** What to do: a sentence with the key or the command. */
  readonly todo: string;
  /** Its default thresholds. Those of the config file come to `find`. */
  readonly limits?: AlertLimits;
  /**
   * What it finds. With a `value` also what is well: the engine judges the value by the limits, with hysteresis. A rule
   * that looks at many things leaves out those whose value is not `near` its limits.
   */
  readonly find: (state: Seen, limits: AlertLimits) => readonly AlertFinding[];
};

/** What a rule finds. */
export type AlertFinding = {
  /** Tells apart the findings of a rule that can have several: the alert's id is then `blocked:SUBJECT`. */
  readonly subject?: string;
  readonly text: string;
  /** What causes it, in a phrase. */
  readonly cause?: string | undefined;
  /** Since when, where the state itself says so. */
  readonly since?: Micros | undefined;
  /** Instead of the rule's. */
  readonly todo?: string | undefined;
  /** Where it is seen: the row that causes it, where there is one. */
  readonly row?: LeadPlace | undefined;
  /** The alert that causes this one, by its id. As long as that stands, this one is its effect. */
  readonly causedBy?: string | undefined;
  /** So long it has to be found before it is an alert, whatever the rule's limits and `since` say. */
  readonly forSeconds?: number;
  /** The sources that cannot be read because of it. What was found in them before becomes its effect. */
  readonly hides?: readonly SourceId[];
} & (
  | {readonly severity: Alert['severity']; readonly value?: never}
  /** In the unit of the rule's limits. */
  | {readonly value: number; readonly severity?: never}
);

/** What a finding says beside how bad it is. */
type Told = Omit<AlertFinding, 'severity' | 'value'>;

/** A finding when the severity is not `ok`, else none. */
export const found = (severity: Severity, finding: Told): readonly AlertFinding[] =>
  severity === 'ok' ? [] : [{...finding, severity}];

/** A finding that the engine judges by the rule's limits. */
export const measured = (value: number, finding: Told): readonly AlertFinding[] => [{...finding, value}];
