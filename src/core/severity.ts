/** How bad something is. The screen shows it as a glyph, a word and a colour. */
export type Severity = 'ok' | 'warn' | 'crit';
