import type pg from 'pg';
import type {Failure} from '../core/errors.ts';
import type {Session} from './session.ts';

/**
 * An action's own connection, for functions that take a pool: `withTransaction`. Its statements go through the session,
 * which records and cancels them; releasing it leaves it open.
 */
export function sessionPool(session: Session): {readonly connect: () => Promise<pg.PoolClient>} {
  const {client} = session;
  const query = async (text: string | pg.Submittable, values?: readonly unknown[]): Promise<unknown> => {
    // COPY is a stream and no text.
    if (typeof text !== 'string') return client.query(text);
    const ended = await session.run(text, undefined, values);
    if (ended.ok) return {rows: ended.rows, command: ended.command};
    throw coded(ended.failure);
  };
  const borrowed = {
    query,
    on: client.on.bind(client),
    off: client.off.bind(client),
    release: () => {},
    getTransactionStatus: () => client.getTransactionStatus(),
  };
  return {connect: async () => borrowed as unknown as pg.PoolClient};
}

const coded = ({message, sqlstate}: Failure): Error => Object.assign(new Error(message), {code: sqlstate});
