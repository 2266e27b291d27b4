import type pg from 'pg';
import type {Failure} from '../core/errors.ts';
import type {SafeText} from '../core/sanitise.ts';
import type {Io, Raw} from '../core/types.ts';
import type {StepPosition} from './plan.ts';

/** How a statement ended. `lost`: the connection broke, so that only its effect can tell. */
export type Ended =
  | {
      readonly ok: true;
      readonly rows: readonly Raw[];
      /** What the server says that it did: `UPDATE`, `COMMIT`, `ROLLBACK`. */
      readonly command: string;
      readonly warnings: readonly SafeText[];
    }
  | {
      readonly ok: false;
      readonly how: 'error' | 'cancelled' | 'lost';
      readonly failure: Failure;
      readonly warnings: readonly SafeText[];
      /** Who was last seen to keep it waiting. */
      readonly blockers: readonly SafeText[];
    };

/** The action's own connection, at work. */
export type Session = {
  readonly pid: number;
  readonly backendStart: string;
  /** The connection itself, for what is more than a statement: COPY. */
  readonly client: pg.PoolClient;
  /** Another connection, for questions meanwhile. */
  readonly io: Io;
  readonly signal: AbortSignal;
  /**
   * Runs one statement outside any transaction, cancelled on the server when the signal says so. With a place its
   * progress is watched.
   */
  readonly run: (text: string, place?: StepPosition, params?: readonly unknown[]) => Promise<Ended>;
  /** What the backend does after its connection was lost: it may work on. Undefined: it cannot be asked. */
  readonly after: () => Promise<'working' | 'ended' | undefined>;
  /** What the server said, oldest first, at most 500. */
  readonly notices: () => readonly SafeText[];
  /** Every statement that was sent. */
  readonly sent: () => readonly string[];
};
