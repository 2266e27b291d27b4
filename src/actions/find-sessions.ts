import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Io} from '../io/io.ts';
import {identityOf, readSessions} from './session-view.ts';
import type {Target} from './target.ts';

/** The largest process id. */
const MAX = 2_147_483_647;

/**
 * The sessions of process ids, separated by commas, as they are now: `4121,4122`. Throws a UserError where one is no
 * process id, or no session has it. Rejects with the driver's error.
 */
export async function findSessions(io: Io, text: string): Promise<Target> {
  const pids = text.split(',').map(pid => (/^\s*\d+\s*$/.test(pid) ? Number(pid) : Number.NaN));
  if (!pids.every(pid => pid >= 1 && pid <= MAX)) {
    throw new UserError(`${sanitise(text, 80)} is not a process id.`, 'Write one, or several with commas: 4121,4122.');
  }
  const rows = await readSessions(
    io,
    [...new Set(pids)].map(pid => ({pid, backendStart: null})),
  );
  const none = rows.find(row => row.pid === null);
  if (none)
    throw new UserError(`There is no session with the process id ${none.wanted}.`, 'See: tradetop snapshot sessions');
  return {kind: 'sessions', sessions: rows.map(identityOf)};
}
