import type {Config} from '../config/config.ts';
import {EXPLAIN_PG, explainStatement} from '../explain/explain.ts';
import {openPg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {ExplainTarget} from '../model/explained.ts';
import type {State} from '../model/state.ts';
import type {Store} from '../store/store.ts';

/** Asks for a plan on a connection of its own, which ends with it: planning may take long. */
export async function askPlan(target: ExplainTarget, store: Store, config: Config, sql: SqlLibrary): Promise<void> {
  const asking: State['explained'] = {phase: 'asking'};
  store.setExplained(asking);
  const pool = openPg(config.trading, sql, {name: 'tradetop explain', max: 1, ...EXPLAIN_PG, reads: 'as monitor'});
  const explained = await explainStatement(pool, target);
  // Another plan may have been asked for meanwhile.
  if (store.get().explained === asking) store.setExplained(explained);
  await pool.close();
}
