import {failureOf} from '../core/errors.ts';

/** A turn at a connection of a pool. */
type Turn = {
  /** Rejects where the server turns out not to answer before there is a connection. */
  readonly lost: Promise<never>;
  /** There is a connection: from now on what happens is the turn's own. */
  readonly connected: () => void;
  readonly give: () => void;
};

/** Turns at the connections of a pool. */
export type Lanes = {
  /** Waits for a turn. Rejects where the server turns out not to answer meanwhile. */
  readonly take: () => Promise<Turn>;
  /** The server does not answer: whoever has no connection yet learns it now, and not one after the other. */
  readonly fail: (error: unknown) => void;
  /**
   * One answer did not come in time. It may have been too long for the line: the others are asked all the same, but where
   * the server is not heard soon, they fail too.
   */
  readonly doubt: (error: unknown) => void;
  /** The server said something. */
  readonly heard: () => void;
  readonly waiting: () => number;
  /** Most turns at a time, at the moment. */
  readonly limit: () => number;
};

/** From this trip to the server and back on it is far away; with each so much further it gets one connection more. */
const [FAR_MS, VERY_FAR_MS] = [40, 120];
/** A server that missed a deadline may be silent for so long, and so many trips of a new connection and a first answer. */
const [DOUBT_MS, DOUBT_TRIPS] = [1000, 8];

/** `max` turns at a time, up to `farMax` where the server is far away; `trip`: milliseconds to it and back. */
export const openLanes = ({max, farMax}: {readonly max: number; readonly farMax: number}, trip: () => number): Lanes =>
  createLanes(
    () => (trip() < FAR_MS ? max : Math.min(farMax, max + Math.ceil(trip() / VERY_FAR_MS))),
    () => DOUBT_MS + DOUBT_TRIPS * trip(),
  );

/**
 * As many turns at a time as `limit` gives at the moment, in the order in which they were asked for. `doubtMs`: so long a
 * server may be silent after an answer that did not come in time.
 * @internal
 */
export function createLanes(limit: () => number, doubtMs: () => number): Lanes {
  const queue: PromiseWithResolvers<Turn>[] = [];
  const connecting = new Set<(error: unknown) => void>();
  let taken = 0;
  let doubt: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearTimeout(doubt);
    doubt = undefined;
  };
  const next = (): void => {
    while (taken < limit() && queue.length > 0) {
      taken++;
      queue.shift()?.resolve(newTurn());
    }
  };
  const newTurn = (): Turn => {
    const {promise: lost, reject} = Promise.withResolvers<never>();
    lost.catch(() => {});
    connecting.add(reject);
    return {
      lost,
      connected: () => void connecting.delete(reject),
      give: () => {
        connecting.delete(reject);
        taken--;
        next();
      },
    };
  };
  const fail = (error: unknown): void => {
    heard();
    for (const turn of queue.splice(0)) turn.reject(error);
    for (const reject of connecting) reject(error);
    connecting.clear();
  };
  return {
    take: () => {
      const turn = Promise.withResolvers<Turn>();
      queue.push(turn);
      next();
      return turn.promise;
    },
    fail,
    doubt: error => {
      doubt ??= setTimeout(() => fail(error), doubtMs()).unref();
    },
    heard,
    waiting: () => queue.length,
    limit,
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
    const turn = await lanes.take();
    let [connected, over] = [false, false];
    // The turn is given back when its connection is free; its caller may have given up before there was one.
    const work = withClient(async client => {
      if (over) return undefined as never;
      connected = true;
      turn.connected();
      return use(client);
    }).finally(turn.give);
    try {
      const result = await Promise.race([work, turn.lost]);
      lanes.heard();
      return result;
    } catch (error) {
      over = true;
      const {why, sqlstate} = failureOf(error);
      if (sqlstate !== undefined) lanes.heard();
      else if (!connected && (why === 'timeout' || why === 'down')) lanes.fail(error);
      else if (why === 'timeout') lanes.doubt(error);
      throw error;
    }
  };
