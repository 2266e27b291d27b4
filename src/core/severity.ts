/** How bad something is; on the screen a glyph, a word and a colour. */
export type Severity = 'ok' | 'warn' | 'crit';
