import type {Config} from '../config/config.ts';
import {failureOf} from '../core/errors.ts';
import {keyText, sanitise} from '../core/sanitise.ts';
import {openPg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {State} from '../model/state.ts';
import type {Store} from '../store/store.ts';
import {readTraceFacts, TRACE_PG} from '../trace/read.ts';
import {LATE_MS, traceOf} from '../trace/trace.ts';

/** Reads the life of an id on a connection of its own, which ends with it, and shows it. Never rejects. */
export async function showTrace(id: string, store: Store, config: Config, sql: SqlLibrary): Promise<void> {
  const named = {id: keyText(id)};
  const reading: State['trace'] = {...named, phase: 'reading'};
  store.setTrace(reading);
  const pg = openPg(config.trading, sql, {name: 'tradetop trace', ...TRACE_PG, reads: 'as monitor'});
  const shown = await readTraceFacts(pg, id).then(
    (facts): State['trace'] => {
      const trace = traceOf(facts, LATE_MS);
      return trace === undefined
        ? {...named, phase: 'refused', why: sanitise('no table knows of it'), next: sanitise('')}
        : {...named, phase: 'read', trace};
    },
    (error: unknown): State['trace'] => {
      const {message, next} = failureOf(error);
      return {...named, phase: 'refused', why: sanitise(message, 300), next: sanitise(next, 300)};
    },
  );
  // Another may have been asked for meanwhile.
  if (store.get().trace === reading) store.setTrace(shown);
  await pg.close();
}
