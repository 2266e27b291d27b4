import {setTimeout as delay} from 'node:timers/promises';
import type pg from 'pg';
import {openClient, socketOf, withConnection} from '../../io/pg-client.ts';
import {readStatement} from '../../io/sql.ts';
import type {PgTarget, RedisTarget} from '../../io/targets.ts';
import type {RunningService} from '../service.ts';

/** What an incident works on: the private servers of a demo, and the programs that run on them. */
export type IncidentScene = {
  /** The trading database, and Prefect's, as the server's superuser. */
  readonly admin: PgTarget;
  readonly prefect: PgTarget;
  /** The trading database as one of the desk's services, by its role: `svc_execution`. */
  readonly as: (role: string) => PgTarget;
  readonly redis: RedisTarget;
  readonly feed: RunningService;
  readonly sync: RunningService;
};

/** Ends an incident: what it did is undone, as far as no person has done so. May be called when it has ended by itself. */
export type EndIncident = () => Promise<void>;

/** A trouble that can be made for real on a demo's own servers, to learn what the console says of it. */
export type Incident = {
  /** As `demo --incident` and the palette name it. */
  readonly name: string;
  /** What happens, in a sentence. */
  readonly does: string;
  /** What ends it from the console’s keys, or why none can. */
  readonly endedBy: string;
  /** The rules of the alerts that it raises, the one that names the cause first. */
  readonly alerts: readonly [string, ...string[]];
  /** Makes the trouble. Throws the driver's error where it cannot. */
  readonly begin: (scene: IncidentScene) => Promise<EndIncident>;
};

/** Runs statements one after the other on a connection of their own; `name` is that of the program which would do so. */
export const runStatements = (target: PgTarget, name: string, ...statements: readonly string[]): Promise<void> =>
  withConnection(target, {name}, async client => {
    for (const statement of statements) await client.query(readStatement(statement));
  });

/**
 * Makes a trouble of the sessions that `open` gives to `work`. They are closed when the incident ends, those that a
 * person has terminated too, and at once where `work` fails.
 */
export async function holdSessions(
  target: PgTarget,
  work: (open: (name: string) => Promise<pg.Client>) => Promise<void>,
): Promise<EndIncident> {
  const sessions: pg.Client[] = [];
  // One that waits for a lock would not read a goodbye.
  const end: EndIncident = async () => {
    for (const session of sessions) socketOf(session).destroy();
  };
  try {
    await work(async name => {
      const session = await openClient(target, {name});
      sessions.push(session);
      return session;
    });
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

/** Repeats `work` until the returned function is called, which waits for the last run. Failures are left to the next run. */
export function repeat(work: () => Promise<unknown>, everyMs: number): EndIncident {
  const over = new AbortController();
  const running = (async () => {
    while (!over.signal.aborted) {
      await work().catch(() => {});
      await delay(everyMs, undefined, {signal: over.signal}).catch(() => {});
    }
  })();
  return async () => {
    over.abort();
    await running;
  };
}
