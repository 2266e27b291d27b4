/** One verification: a question to the database whose every returned row is a violation. */
export type Check = {
  readonly id: string;
  readonly title: string;
  readonly group: CheckGroup;
  /** What a violation means: `fail` is wrong, `warn` wants a look. */
  readonly severity: 'fail' | 'warn';
  /** Why it matters, in a sentence. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Name of the statement under sql/. */
  readonly sql: string;
};

export type CheckGroup = 'setup' | 'data' | 'health';

export type CheckResult = {
  readonly id: string;
  readonly title: string;
  readonly group: CheckGroup;
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  readonly ms: number;
  /** The violations, at most 20. */
  readonly rows: readonly Readonly<Record<string, string | null>>[];
  readonly remedy: string;
  /** Why it was skipped. */
  readonly why?: string;
};
