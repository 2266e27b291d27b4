import {plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import type {Action, ActionContext, Prepared, Result} from './action.ts';
import {fact} from './facts.ts';
import {refused} from './refused.ts';
import type {Session} from './session.ts';
import {shown} from './statements.ts';
import {ago} from './words.ts';

/** Sets pg_stat_statements back: for everyone who reads it, of every database of the server. */
export const resetStatementsAction: Action = {
  id: 'reset-statements',
  title: 'Reset statement statistics',
  key: '',
  danger: 'destroys',
  help: 'Sets the figures of pg_stat_statements back to nothing, for the whole server and for everyone who reads them.',
  targets: ['database'],
  orphan: 'ends',
  prepare,
};

async function prepare({io, sql}: ActionContext): Promise<Prepared> {
  const [row] = await io.query('actions/statements_extension');
  if (!row) return refused('pg_stat_statements is not installed in this database: tradetop doctor has the statement.');
  const names = {schema: String(row.schema)};
  const [now] = await io.query('actions/statements_counted', [], {names});
  const statement = sql.statement('actions/statements_reset', io.pgVersion(), names);
  const since = String(now?.since);
  return {
    facts: [
      fact('counted', plural(Number(now?.statements ?? 0), 'statement')),
      fact('since', ago(since)),
      fact('afterwards', 'totals, means and largest times of every statement begin anew', true),
    ],
    sql: [shown(statement)],
    refusal: row.may
      ? undefined
      : `This role may not reset the statistics. Run GRANT EXECUTE ON FUNCTION ${row.reset} TO ${row.me};`,
    execute: session => reset(session, statement, {names, since}),
  };
}

type Before = {readonly names: Readonly<Record<string, string>>; readonly since: string};

async function reset(session: Session, statement: string, {names, since}: Before): Promise<Result> {
  const ended = await session.run(statement);
  const [now] = await session.io.query('actions/statements_counted', [], {names}).catch(() => []);
  const rows = undefined;
  if (now && now.since !== since)
    return {outcome: 'done', rows, summary: 'The statistics of all statements begin anew.'};
  const why = ended.ok ? 'the time of the last reset is the old one' : sanitise(ended.failure.message);
  const outcome = !ended.ok && ended.how === 'cancelled' ? 'cancelled' : 'failed';
  return {outcome, rows, summary: `The statistics were not reset: ${why}.`};
}
