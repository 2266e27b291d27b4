import type pg from 'pg';
import type {Failure} from '../core/errors.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {StepPosition} from './plan.ts';

/** How a statement ended. `lost`: the connection broke, so that only its effect shows what became of it. */
export type Ended =
  | {
      readonly ok: true;
      readonly rows: readonly Raw[];
      /** The command tag of the server's answer: `UPDATE`, `COMMIT`, `ROLLBACK`. */
      readonly command: string;
      readonly warnings: readonly SafeText[];
    }
  | {
      readonly ok: false;
      readonly how: 'error' | 'cancelled' | 'lost';
      readonly failure: Failure;
      readonly warnings: readonly SafeText[];
      /** The sessions that were last seen to block it. */
      readonly blockers: readonly SafeText[];
    };

/** The action's own connection while it works. */
export type Session = {
  readonly pid: number;
  readonly backendStart: string;
  /** The connection itself, for what `run` cannot do: COPY. */
  readonly client: pg.PoolClient;
  /** The session's lock timeout, in milliseconds. */
  readonly lockMs: number;
  /** Another connection, for queries meanwhile. */
  readonly io: Io;
  readonly signal: AbortSignal;
  /**
   * Runs one statement, and cancels it on the server when `signal` aborts. With a position its progress is reported.
   */
  readonly run: (text: string, position?: StepPosition, params?: readonly unknown[]) => Promise<Ended>;
  /** What the backend does after its connection was lost: it may still work. Undefined: the server did not answer. */
  readonly after: () => Promise<'working' | 'ended' | undefined>;
  /** The server's notices, oldest first, at most 500. */
  readonly notices: () => readonly SafeText[];
  /** Every statement that was sent, in order. */
  readonly sent: () => readonly string[];
};
