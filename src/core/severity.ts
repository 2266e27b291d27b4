/** How bad something is. The screen shows it as a glyph, a word and a colour. */
export type Severity = 'ok' | 'warn' | 'crit';

const RANK: Readonly<Record<Severity, number>> = {ok: 0, warn: 1, crit: 2};

/** Compares by severity for a sort: what is worse comes first. */
export const byWorst = (a: {readonly severity: Severity}, b: {readonly severity: Severity}): number =>
  RANK[b.severity] - RANK[a.severity];

/** The worst of these; `ok` where there is none. */
export const worstOf = (...severities: readonly Severity[]): Severity =>
  severities.reduce((worst, severity) => (RANK[severity] > RANK[worst] ? severity : worst), 'ok');
