import pg from 'pg';
import type {SqlLibrary} from '../io/sql.ts';

/** A statement of sql/ with its `{target}` filled in: the one way in which a name gets into a statement. */
export const withTarget = (sql: SqlLibrary, name: string, major: number, target = ''): string =>
  sql.statement(name, major).replace('{target}', () => target);

/** A role's name for a statement. */
export const quotedRole = (role: string): string => pg.escapeIdentifier(role);

/** A statement with its values filled in, only to be shown: what runs has them as parameters. */
export const withValues = (statement: string, ...values: readonly (string | number)[]): string =>
  values.reduce<string>((text, value, i) => text.replace(`$${i + 1}`, () => literal(value)), statement);

const literal = (value: string | number): string =>
  typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;

/** A statement as it is shown: without the comment that marks our own statements on the server. */
export const shown = (statement: string): string => statement.replace(/^\/\* tradetop:[^*]*\*\/ /, '');
