import type pg from 'pg';
import {type Failure, failureOf} from '../core/errors.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import type {Raw} from '../io/io.ts';
import type {Pg} from '../io/pg.ts';
import type {Progress} from './plan.ts';
import {watchProgress} from './progress.ts';
import type {Ended, Session} from './session.ts';

const MAX_NOTICES = 500;
const CANCEL_EVERY_MS = 300;
// Terminated by an administrator, a crash or a shutdown: the error does not say what became of the statement.
const LOST = new Set(['57P01', '57P02', '57P03']);

export type SessionOptions = {
  readonly client: pg.PoolClient;
  /** The pool for queries meanwhile. */
  readonly ask: Pg;
  readonly pid: number;
  readonly backendStart: string;
  readonly lockMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
};

/** Makes the session of an action's own connection. The caller closes the connection. */
export function openSession({client, ask, pid, backendStart, lockMs, signal, onProgress}: SessionOptions): Session {
  const notices: SafeText[] = [];
  const sent: string[] = [];
  let warnings: SafeText[] = [];
  client.on('notice', notice => {
    const text = sanitise(notice.message ?? '', 2000);
    if (notices.length < MAX_NOTICES) notices.push(text);
    // The server translates the severity but not the SQLSTATE: class 01 is a warning.
    if (notice.code?.startsWith('01') && warnings.length < MAX_NOTICES) warnings.push(text);
  });
  const who = {pid, backendStart};
  const run: Session['run'] = async (text, position, params) => {
    warnings = [];
    if (signal.aborted) return cancelledBefore();
    // Before onProgress is called, since its receiver may cancel at once.
    const cancelling = cancelWhen(signal, ask, who);
    const watching =
      position && watchProgress({ask, ...who, position, onProgress, onLost: () => destroySocket(client)});
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
  return {...who, client, lockMs, io: ask, signal, run, after, notices: () => notices, sent: () => sent};
}

// The server has answered and the answer does not arrive: only destroying the socket ends the wait.
function destroySocket(client: pg.PoolClient): void {
  const {stream} = (client as unknown as {connection: {stream: {destroy(error: Error): void}}}).connection;
  stream.destroy(new Error('Connection terminated: the server’s answer did not arrive'));
}

function cancelledBefore(): Ended {
  const failure: Failure = {why: 'timeout', message: 'cancelled', next: '', retry: false, sqlstate: '57014'};
  return {ok: false, how: 'cancelled', failure, warnings: [], blockers: []};
}

// A cancel request that arrives between two statements has no effect, so it is repeated until the statement has ended.
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
    // Waits for a cancel request under way, which must not cancel the next statement.
    stop: async (): Promise<void> => {
      stopped = true;
      signal.removeEventListener('abort', send);
      clearTimeout(timer);
      await sending;
    },
  };
}
