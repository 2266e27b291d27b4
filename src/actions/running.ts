import {age} from '../core/format.ts';
import {type SafeText, sanitise} from '../core/sanitise.ts';
import {clock, parseMicros} from '../core/time.ts';
import type {Io} from '../io/io.ts';
import type {Target} from './target.ts';
import {auditTable, lockName} from './target.ts';
import {ago} from './words.ts';

const IDLE_SECONDS = 10;

/**
 * Who runs the same action on the same target now: the holder of its advisory lock, described by the audit log's record of
 * that backend. Undefined: nobody.
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
  const known =
    run !== undefined && run.pid === holder.pid && run.db_user === holder.username && run.result === null
      ? run
      : undefined;
  const who = known ? `${known.who} (${holder.username})` : String(holder.username ?? 'another session');
  const from = known?.client ?? holder.client;
  const at = known?.at ?? holder.backend_start;
  const micros = typeof at === 'string' ? parseMicros(at) : undefined;
  const since = micros === undefined ? '' : ` since ${clock(micros)}Z, ${ago(String(at))}`;
  // A run pauses for a second or two between statements; a longer pause means that its client is lost.
  const idle = Number(holder.idle_seconds ?? 0);
  return sanitise(
    `The same action is already running on this target: started by ${who}${from ? ` from ${from}` : ''}${since}, as pid ${holder.pid}.` +
      (idle > IDLE_SECONDS
        ? ` That session has been idle for ${age(idle)}: if its client is gone, run SELECT pg_terminate_backend(${holder.pid});`
        : ''),
  );
}
