import type {Config} from '../config/config.ts';
import {failureOf} from '../core/errors.ts';
import {keyOfText, sanitise} from '../core/sanitise.ts';
import {openPg} from '../io/pg.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PositionName} from '../model/position-shown.ts';
import type {State} from '../model/state.ts';
import {SourceError} from '../monitor/source-error.ts';
import type {Store} from '../store/store.ts';
import {readPositionTrades} from '../trace/position.ts';
import {TRACE_PG} from '../trace/read.ts';

/** Reads the trades of a position on a connection of its own, which ends with it, and shows them. Never rejects. */
export async function showPosition(
  {account, symbol}: PositionName,
  store: Store,
  config: Config,
  sql: SqlLibrary,
): Promise<void> {
  const reading: State['position'] = {account, symbol, phase: 'reading'};
  store.setPosition(reading);
  const pg = openPg(config.trading, sql, {name: 'tradetop trace', ...TRACE_PG, reads: 'as monitor'});
  const shown = await readPositionTrades(pg, keyOfText(account), keyOfText(symbol)).then(
    (of): State['position'] => ({account, symbol, phase: 'read', of}),
    (error: unknown): State['position'] => {
      const {message, next} = error instanceof SourceError ? error.failure : failureOf(error);
      return {account, symbol, phase: 'refused', why: sanitise(message, 300), next: sanitise(next, 300)};
    },
  );
  // Another may have been asked for meanwhile.
  if (store.get().position === reading) store.setPosition(shown);
  await pg.close();
}
