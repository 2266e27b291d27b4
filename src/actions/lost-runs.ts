import type {Io, Raw} from '../io/io.ts';
import type {Action, LostRun} from './action.ts';
import type {Operator} from './operator.ts';
import type {RowChange} from './plan.ts';

type Looking = {
  readonly io: Io;
  readonly actions: readonly Action[];
  readonly operator: Operator;
  /** The name of the database. */
  readonly database: string;
};

const NOTHING_RUNS = 'nothing of it runs any more; what it had committed stays';

/**
 * Closes in the audit log the runs of this database user whose console died before it could record their end, with what is found
 * on the server now. Gives how many. Rejects with the driver's error, as where this user may not read or write the log.
 */
export async function closeLostRuns({io, actions, operator, database}: Looking): Promise<number> {
  let closed = 0;
  for (const row of await io.query('actions/lost_runs')) {
    const run = runOf(row, database);
    const action = actions.find(({id}) => id === row.operation);
    const found = await action?.found?.(io, run).catch(() => undefined);
    const summary = `Its console died; session pid ${row.backend_pid} is gone, ${NOTHING_RUNS}${found ? `. Found: ${found}` : ''}.`;
    const detail = JSON.stringify({started: row.id, started_by: row.user_id, summary});
    const params = [row.id, operator.osUser.slice(0, 100), detail, operator.osUser, operator.client];
    closed += (await io.query('actions/close_lost_run', params)).length;
  }
  return closed;
}

const runOf = ({target, at, detail}: Raw, database: string): LostRun => ({
  target: String(target),
  database,
  at: String(at),
  changes: changesIn(detail),
});

function changesIn(detail: Raw[string] | undefined): readonly RowChange[] {
  const parsed = typeof detail === 'string' ? (JSON.parse(detail) as {readonly changes?: readonly RowChange[]}) : {};
  return parsed.changes ?? [];
}
