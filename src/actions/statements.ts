/** A statement with its values filled in, only to be shown: what runs has them as parameters. */
export const withValues = (statement: string, ...values: readonly (string | number)[]): string =>
  values.reduce<string>((text, value, i) => text.replace(`$${i + 1}`, () => literal(value)), statement);

const literal = (value: string | number): string =>
  typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;

/** A statement as it is shown: on one line, without the comment that marks our own statements on the server. */
export const shown = (statement: string): string =>
  statement.replace(/^\/\* tradetop:[^*]*\*\/ /, '').replaceAll(/\s*\n\s*/g, ' ');
