import pg from 'pg';
import type {SqlLibrary} from '../io/sql.ts';

/** A statement of sql/ whose `{target}` is put in: the one way in which a name gets into a statement. */
export const aimed = (sql: SqlLibrary, name: string, major: number, target = ''): string =>
  sql.statement(name, major).replace('{target}', () => target);

/** A role's name as a statement has it. */
export const quotedRole = (role: string): string => pg.escapeIdentifier(role);

/** A statement with its values in it, only to be shown: what runs has them as parameters. */
export const withValues = (statement: string, ...values: readonly (string | number)[]): string =>
  values.reduce<string>((text, value, i) => text.replace(`$${i + 1}`, () => literal(value)), statement);

const literal = (value: string | number): string =>
  typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`;

/** As people read it: without the mark by which our statements are told apart on the server. */
export const shown = (statement: string): string => statement.replace(/^\/\* tradetop:[^*]*\*\/ /, '');
