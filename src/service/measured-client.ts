import type {EventEmitter} from 'node:events';
import type pg from 'pg';

/** A query that ended: what was asked, how long it took in milliseconds, and whether it failed. */
export type Measured = {
  readonly text: string;
  /** Of a prepared statement. */
  readonly name: string | undefined;
  readonly ms: number;
  readonly failed: boolean;
};

type Callback = (error: unknown, result?: unknown) => unknown;
type Args = readonly unknown[];
type Query = (...args: Args) => unknown;

/**
 * Lets `tell` know of every query of a client. Results, errors, types and the order of callbacks stay the driver's own; a
 * rejection that nobody handles stays one. A cursor or stream is measured until it ends, where it says so.
 */
export function measureClient(client: pg.ClientBase, tell: (measured: Measured) => void): void {
  const holder = client as unknown as {query: Query};
  const original = holder.query;
  holder.query = function measured(this: unknown, ...args: Args): unknown {
    const start = performance.now();
    const done = (failed: boolean): void => tell({...textOf(args[0]), ms: performance.now() - start, failed});
    const watched = withCallback(args, done);
    if (watched) return original.apply(this, [...watched]);
    const result = original.apply(this, [...args]);
    if (isPromise(result)) {
      return result.then(
        value => {
          done(false);
          return value;
        },
        (error: unknown) => {
          done(true);
          throw error;
        },
      );
    }
    if (isEmitter(result)) result.once('end', () => done(false));
    return result;
  };
}

/** The arguments with their callback measured; undefined: there is none. */
function withCallback(args: Args, done: (failed: boolean) => void): Args | undefined {
  const wrap = (callback: Callback): Callback =>
    function called(this: unknown, error, ...rest) {
      done(Boolean(error));
      return callback.call(this, error, ...rest);
    };
  const at = args.findIndex(arg => typeof arg === 'function');
  if (at > 0) return args.with(at, wrap(args[at] as Callback));
  const [config, ...more] = args;
  const {callback, submit} = (config ?? {}) as {readonly callback?: unknown; readonly submit?: unknown};
  if (typeof callback !== 'function' || typeof submit === 'function') return undefined;
  // The caller's own object stays as it is.
  return [Object.create(config as object, {callback: {value: wrap(callback as Callback), writable: true}}), ...more];
}

function textOf(query: unknown): Pick<Measured, 'text' | 'name'> {
  if (typeof query === 'string') return {text: query, name: undefined};
  const {text, name} = (query ?? {}) as {readonly text?: unknown; readonly name?: unknown};
  return {text: typeof text === 'string' ? text : '', name: typeof name === 'string' && name !== '' ? name : undefined};
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as {then?: unknown}).then === 'function';

const isEmitter = (value: unknown): value is EventEmitter =>
  typeof value === 'object' && value !== null && typeof (value as {once?: unknown}).once === 'function';
