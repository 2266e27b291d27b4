import type {SqlLibrary} from '../io/sql.ts';
import type {Ask, Runner} from '../sync/session.ts';
import type {Session} from './session.ts';

/** Runs the synchroniser's statements on an action's own connection, where they are recorded and can be cancelled. */
export function runnerOn(session: Session, sql: SqlLibrary, version: number): Runner {
  const run = async (text: string, params?: readonly unknown[]) => {
    const ended = await session.run(text, undefined, params);
    if (ended.ok) return ended.rows;
    const {message, sqlstate} = ended.failure;
    throw Object.assign(new Error(message), {code: sqlstate});
  };
  const query: Ask = (name, params) => run(sql.statement(name, version), params ?? []);
  return {
    query,
    transaction: async use => {
      await run('BEGIN ISOLATION LEVEL READ COMMITTED');
      try {
        const result = await use(query);
        await run('COMMIT');
        return result;
      } catch (error) {
        // Without the signal: a cancelled transaction must be rolled back too.
        await session.client.query('ROLLBACK').catch(() => {});
        throw error;
      }
    },
  };
}
