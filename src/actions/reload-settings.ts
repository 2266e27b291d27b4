import {setTimeout as wait} from 'node:timers/promises';
import {sanitise} from '../core/sanitise.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {ago} from './words.ts';

const LIMIT_MS = 5000;
const EVERY_MS = 100;

/** Has the server read its configuration files again. What needs a restart waits for one all the same. */
export const reloadSettingsAction: Action = {
  id: 'reload-settings',
  title: 'Reload settings',
  key: '',
  danger: 'locks',
  help: 'Makes PostgreSQL read its configuration files again; settings that need a restart still wait for one.',
  targets: ['database'],
  orphan: 'ends',
  prepare,
};

async function prepare({io, sql}: ActionContext): Promise<Prepared> {
  const [row] = await io.query('actions/may_reload');
  const statement = sql.statement('actions/reload', io.pgVersion());
  const loadedAt = String(row?.loaded_at);
  return {
    facts: [
      fact('last read', ago(loadedAt)),
      fact('wait for a restart', String(row?.waiting ?? 'none'), row?.waiting !== null),
    ],
    sql: [shown(statement)],
    refusal: row?.may
      ? undefined
      : `This role may not reload the settings. Run GRANT EXECUTE ON FUNCTION pg_reload_conf() TO ${row?.me};`,
    execute: session => reload(session, statement, loadedAt),
  };
}

// A new process has read the files when it begins; an old one shows when it has read them after its next statement.
async function reload(session: Session, statement: string, before: string): Promise<Result> {
  const ended = await session.run(statement);
  const rows = undefined;
  if (!ended.ok) {
    const outcome = ended.how === 'cancelled' ? 'cancelled' : 'failed';
    return {outcome, rows, summary: `Not reloaded: ${sanitise(ended.failure.message)}.`};
  }
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const [now] = await session.io.query('actions/may_reload').catch(() => []);
    if (now && now.loaded_at !== before) {
      const waiting = now.waiting === null ? '' : `; ${now.waiting} wait for a restart`;
      return {outcome: 'done', rows, summary: `The server has read its configuration files${waiting}.`};
    }
    if (performance.now() > deadline) break;
    await wait(EVERY_MS);
  }
  return {
    outcome: 'failed',
    rows,
    summary: 'The server did not say within 5 s that it has read its files: see its log.',
  };
}
