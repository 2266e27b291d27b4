import {z} from 'zod';
import type {Io, Raw} from '../io/io.ts';
import {decode, rowSchema, text} from './columns.ts';
import {SourceError} from './source-error.ts';

const SQL = 'monitor/row_security';

const row = rowSchema({hides: z.boolean(), reader: text});

/**
 * The rows of a statement on a table with row-level security. When a policy hides all of them, it throws a SourceError:
 * an empty pane would look like an idle desk.
 */
export async function visibleRows(io: Io, sql: string, table: string): Promise<readonly Raw[]> {
  const rows = await io.query(sql);
  if (rows.length === 0) await refuseHidden(io, table);
  return rows;
}

/** Throws a SourceError where row-level security may hide rows of a table from us: nothing can be said of what is there. */
export async function refuseHidden(io: Io, table: string): Promise<void> {
  const hidden = decode(row, await io.query(SQL, [table]), SQL).find(r => r.hides);
  if (!hidden) return;
  throw new SourceError({
    why: 'denied',
    message: `row-level security hides ${table} from role ${hidden.reader}`,
    next: `Connect as tradetop_monitor, or run as a superuser: GRANT tradetop_monitor TO ${hidden.reader};`,
  });
}
