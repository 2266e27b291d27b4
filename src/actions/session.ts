import type pg from 'pg';
import {type Failure, failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Io, Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import type {Progress} from './action.ts';
import {type StepPosition, watchProgress} from './progress.ts';

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

const LIMIT = 500;
const CANCEL_EVERY_MS = 300;
// Cut by an administrator, a crash, a shutdown: the statement's fate is not in the message.
const LOST = new Set(['57P01', '57P02', '57P03']);

export type SessionOptions = {
  readonly client: pg.PoolClient;
  readonly ask: Pg;
  readonly pid: number;
  readonly backendStart: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
};

/** Wraps the connection that an action works on. The caller closes it. */
export function openSession({client, ask, pid, backendStart, signal, onProgress}: SessionOptions): Session {
  const notices: SafeText[] = [];
  const sent: string[] = [];
  let warnings: SafeText[] = [];
  client.on('notice', notice => {
    const text = sanitise(notice.message ?? '', 2000);
    if (notices.length < LIMIT) notices.push(text);
    // The severity is translated, its code is not: 01xxx is a warning.
    if (notice.code?.startsWith('01') && warnings.length < LIMIT) warnings.push(text);
  });
  const who = {pid, backendStart};
  const run: Session['run'] = async (text, place, params) => {
    warnings = [];
    if (signal.aborted) return cancelledBefore();
    // Before anyone is told of the statement: whoever is told may cancel at once.
    const cancelling = cancelWhen(signal, ask, who);
    const watching = place && watchProgress(ask, who, place, onProgress, () => breakOff(client));
    sent.push(text);
    try {
      const {rows, command} = await client.query<Raw>(params ? {text, values: [...params]} : text);
      return {ok: true, rows: rows ?? [], command, warnings};
    } catch (error) {
      const failure = failureOf(error);
      const lost = failure.sqlstate === undefined || LOST.has(failure.sqlstate) || failure.sqlstate.startsWith('08');
      const how = lost ? 'lost' : failure.sqlstate === '57014' ? 'cancelled' : 'error';
      return {ok: false, how, failure, warnings, blockers: watching?.blockers() ?? []};
    } finally {
      await cancelling.stop();
      await watching?.stop();
    }
  };
  const after: Session['after'] = async () => {
    try {
      const [row] = await ask.query('actions/progress', [pid, backendStart], {timeoutMs: 2000});
      if (row?.state === 'idle') await ask.query('actions/end_idle', [pid, backendStart], {timeoutMs: 2000});
      return row === undefined || row.state === 'idle' ? 'ended' : 'working';
    } catch {
      return undefined;
    }
  };
  return {...who, client, io: ask, signal, run, after, notices: () => notices, sent: () => sent};
}

// The server has answered, and the answer does not arrive: only breaking the socket ends the wait.
function breakOff(client: pg.PoolClient): void {
  const {stream} = (client as unknown as {connection: {stream: {destroy(error: Error): void}}}).connection;
  stream.destroy(new Error('Connection terminated: the server’s answer did not arrive'));
}

function cancelledBefore(): Ended {
  const failure: Failure = {why: 'timeout', message: 'cancelled', next: '', retry: false, sqlstate: '57014'};
  return {ok: false, how: 'cancelled', failure, warnings: [], blockers: []};
}

// A cancel that arrives between two statements hits nothing, so it is sent until the statement has ended.
function cancelWhen(signal: AbortSignal, ask: Pg, who: {pid: number; backendStart: string}) {
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<unknown> = Promise.resolve();
  let stopped = false;
  const send = (): void => {
    sending = ask
      .query('actions/cancel', [who.pid, who.backendStart], {timeoutMs: 2000})
      .catch(() => {})
      .then(() => {
        if (!stopped) timer = setTimeout(send, CANCEL_EVERY_MS);
      });
  };
  signal.addEventListener('abort', send);
  return {
    // Waits for a cancel on its way: it must not hit the next statement.
    stop: async (): Promise<void> => {
      stopped = true;
      signal.removeEventListener('abort', send);
      clearTimeout(timer);
      await sending;
    },
  };
}
