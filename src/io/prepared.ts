import {createHash} from 'node:crypto';
import type pg from 'pg';
import {failureOf} from '../core/errors.ts';
import type {Raw} from './io.ts';
import {isPooled} from './pg-session.ts';

/** Connections on which the server lost what was prepared: something between us and it does not keep to one process. */
const refused = new WeakSet<pg.ClientBase>();

/**
 * Asks a statement. One that `repeats` is kept prepared by the server: it is parsed and planned once for a connection, and not
 * at every reading. Where the server no longer has it, or what it gives has changed, it is asked anew, and so from then on.
 */
export async function ask(
  client: pg.ClientBase,
  config: pg.QueryConfig,
  repeats = false,
): Promise<pg.QueryResult<Raw & pg.QueryResultRow>> {
  // Behind a pooler the next statement may run in another process of the server.
  if (!repeats || isPooled(client) || refused.has(client)) return client.query<Raw & pg.QueryResultRow>(config);
  try {
    return await client.query<Raw & pg.QueryResultRow>({...config, name: nameOf(config.text)});
  } catch (error) {
    if (!LOST.has(failureOf(error).sqlstate ?? '')) throw error;
    refused.add(client);
    return client.query<Raw & pg.QueryResultRow>(config);
  }
}

/** There is no such prepared statement; there is one already; its plan would give other columns. */
const LOST: ReadonlySet<string> = new Set(['26000', '42P05', '0A000']);

const names = new Map<string, string>();

/** The name of a text: another text has another. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `tradetop_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  names.set(text, name);
  return name;
}
