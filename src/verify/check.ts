/** The groups of checks, in the order in which they run: what a later group reads, an earlier one has looked at. */
export const CHECK_GROUPS = ['setup', 'data', 'health'] as const;
export type CheckGroup = (typeof CHECK_GROUPS)[number];

/** One verification: a query of which every returned row is a violation. Its file is sql/verify/ID.sql. */
export type Check = {
  readonly id: string;
  /** What holds when there are no rows, without a full stop. */
  readonly title: string;
  /** The id's first word. */
  readonly group: CheckGroup;
  /** What a violation means: `fail` is wrong, `warn` wants a look. */
  readonly severity: 'fail' | 'warn';
  /** How often the console runs it by itself, in seconds: what costs next to nothing every minute, or more often. */
  readonly everySeconds: 20 | 60 | 900;
  /** Why it matters, in a sentence. */
  readonly why: string;
  /** What to do about a violation. */
  readonly remedy: string;
  /** What the role that asks needs beyond a login: `SELECT on execution.trades`, or `none`. */
  readonly rights: string;
  /** Its query takes `$1`, how far back to look: unless everything is asked for, it looks at CHECK_WINDOW_HOURS alone. */
  readonly windowed: boolean;
};

/** How far back the checks of what grows with time look, unless everything is asked for, in hours. */
export const CHECK_WINDOW_HOURS = 48;

/** So many violations of a check are kept; its statement gives one more, which says that there are others. */
export const MOST_VIOLATIONS = 500;

export type CheckResult = {
  readonly id: string;
  readonly title: string;
  readonly group: CheckGroup;
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  readonly ms: number;
  /** The violations, at most MOST_VIOLATIONS. */
  readonly rows: readonly Readonly<Record<string, string | null>>[];
  /** There are more violations than `rows`. */
  readonly more?: true;
  readonly remedy: string;
  /** Why it was skipped. */
  readonly why?: string | undefined;
};
