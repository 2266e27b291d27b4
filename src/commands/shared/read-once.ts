import type {Config} from '../../config/config.ts';
import {failureOf, UserError} from '../../core/errors.ts';
import {sanitise} from '../../core/sanitise.ts';
import {openPg, type Pg, type PgOptions} from '../../io/pg.ts';
import {unusable} from '../../io/pg-client.ts';
import {loadSql} from '../../io/sql.ts';
import {pgName} from '../../io/targets.ts';

/**
 * Reads from the trading database on one connection, as the monitor where it may, and closes it. `name`: the connection's
 * application name; `limits`: of its statements. Throws a UserError where the database does not answer or refuses.
 */
export async function readOnce<T>(
  config: Config,
  name: string,
  read: (pg: Pg) => Promise<T>,
  limits: Pick<PgOptions, 'statementMs' | 'lockMs' | 'leavesAt'> = {},
): Promise<T> {
  const pg = openPg(config.trading, loadSql(), {name, max: 1, reads: 'as monitor', ...limits});
  try {
    return await read(pg);
  } catch (error) {
    const {message, next, sqlstate, why} = failureOf(error);
    if (error instanceof UserError || (sqlstate === undefined && why === 'bug')) throw error;
    if (sqlstate === undefined || /^(?:08|28|57)/.test(sqlstate)) throw unusable(config.trading, error);
    throw new UserError(`${pgName(config.trading)}: ${sanitise(message)}.`, next);
  } finally {
    await pg.close();
  }
}
