import {setInterval} from 'node:timers';
import {openActionConnection} from '../actions/connection.ts';
import type {SqlLibrary} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';
import {LOCK} from './runs.ts';

/** The right to work, of all schedulers. It ends with its session on the server, whatever becomes of this process. */
export type Lease = {
  readonly ok: true;
  /** Aborts when the session is lost: somebody else may work from then on. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
};

const BEAT_MS = 5000;
const ANSWER_MS = 10_000;

/** Takes it without waiting. Gives why not: another scheduler has it (`taken`), or there is no connection that can hold it. */
export async function takeLease(
  target: PgTarget,
  sql: SqlLibrary,
  name: string,
): Promise<Lease | {readonly ok: false; readonly taken: boolean; readonly why: string}> {
  const connection = await openActionConnection(target, sql, {name, lockMs: 1000, orphan: 'ends'});
  if (!connection.ok) return {ok: false, taken: false, why: connection.why};
  const {client, close} = connection;
  const ask = (text: string, values: readonly unknown[] = []) =>
    client.query({text, values: [...values], query_timeout: ANSWER_MS} as {text: string; values: unknown[]});
  try {
    const {rows} = await ask(sql.statement('actions/lock_try'), [LOCK]);
    if (rows[0]?.locked !== true) {
      await close();
      return {ok: false, taken: true, why: 'Another scheduler is at work.'};
    }
  } catch (error) {
    await close();
    return {ok: false, taken: false, why: (error as Error).message};
  }
  const lost = new AbortController();
  const lose = (): void => lost.abort();
  client.once('end', lose);
  client.once('error', lose);
  // A path that died is noticed only by asking.
  const beat = setInterval(() => void ask(sql.statement('pg/backend')).catch(lose), BEAT_MS);
  return {
    ok: true,
    lost: lost.signal,
    release: async () => {
      clearInterval(beat);
      client.off('end', lose);
      client.off('error', lose);
      await close();
    },
  };
}
