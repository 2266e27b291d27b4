import {type SafeText, sanitise} from '../core/sanitise.ts';
import {clock, parseMicros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import type {Target} from './action.ts';
import {auditTable, lockName} from './target.ts';
import {ago} from './words.ts';

const IDLE_SECONDS = 10;

/**
 * Who runs the same action on the same target now: from the lock that a run holds, named by what the audit log says of
 * that backend. Undefined: no one.
 */
export async function runningWords(
  io: Io,
  actionId: string,
  target: Target,
  name: SafeText,
  database: string,
): Promise<SafeText | undefined> {
  const [holder] = await io.query('actions/lock_holder', [lockName(actionId, target, database)]);
  if (!holder) return undefined;
  const [run] = await io.query('actions/last_run', [actionId, name, auditTable(target, database)]).catch(() => []);
  const known = run !== undefined && run.pid === holder.pid && run.result === null ? run : undefined;
  const who = known ? `${known.who} (${holder.username})` : String(holder.username ?? 'another session');
  const from = known?.client ?? holder.client;
  const at = known?.at ?? holder.backend_start;
  const micros = typeof at === 'string' ? parseMicros(at) : undefined;
  const since = micros === undefined ? '' : ` since ${clock(micros)}Z, ${ago(String(at))}`;
  // Between two statements a run pauses for a second or two; longer means that its client is lost.
  const lost = Number(holder.idle_seconds ?? 0) > IDLE_SECONDS;
  return sanitise(
    `The same is already running: started by ${who}${from ? ` from ${from}` : ''}${since}, as pid ${holder.pid}.` +
      (lost ? ` That session is idle: if its client is gone, SELECT pg_terminate_backend(${holder.pid}).` : ''),
  );
}
