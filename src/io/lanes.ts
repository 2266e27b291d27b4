import {failureOf} from '../core/errors.ts';

/** Turns at the connections of a pool. */
export type Lanes = {
  /** Waits for a turn. Rejects where the server turns out not to answer meanwhile. */
  readonly take: () => Promise<void>;
  readonly give: () => void;
  /** The server does not answer: whoever waits for a turn learns it now, and not one after the other. */
  readonly fail: (error: unknown) => void;
  readonly waiting: () => number;
};

/** As many turns at a time as `limit` gives at the moment, in the order in which they were asked for. */
export function createLanes(limit: () => number): Lanes {
  const queue: PromiseWithResolvers<void>[] = [];
  let taken = 0;
  const next = (): void => {
    while (taken < limit() && queue.length > 0) {
      taken++;
      queue.shift()?.resolve();
    }
  };
  return {
    take: () => {
      const turn = Promise.withResolvers<void>();
      queue.push(turn);
      next();
      return turn.promise;
    },
    give: () => {
      taken--;
      next();
    },
    fail: error => {
      for (const turn of queue.splice(0)) turn.reject(error);
    },
    waiting: () => queue.length,
  };
}

type WithClient<Client> = <T>(use: (client: Client) => Promise<T>) => Promise<T>;

/**
 * Waits for a turn before it asks a pool: the pool's limit for a connection then covers the connecting alone, and not our
 * own queue.
 */
export const inLanes =
  <Client>(withClient: WithClient<Client>, lanes: Lanes): WithClient<Client> =>
  async use => {
    await lanes.take();
    try {
      return await withClient(use);
    } catch (error) {
      const {why, sqlstate} = failureOf(error);
      if ((why === 'timeout' || why === 'down') && sqlstate === undefined) lanes.fail(error);
      throw error;
    } finally {
      lanes.give();
    }
  };
