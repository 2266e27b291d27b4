import type pg from 'pg';
import {openClient} from '../../io/pg-client.ts';
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
  /** The rules of the alerts that it raises, the one that names the cause first. */
  readonly alerts: readonly [string, ...string[]];
  /** Makes the trouble. Throws the driver's error where it cannot. */
  readonly begin: (scene: IncidentScene) => Promise<EndIncident>;
};

/** A session of the desk that an incident opens; it is closed by `closeAll`. */
export const deskSession = (target: PgTarget, name: string): Promise<pg.Client> => openClient(target, {name});

/** Closes sessions, those that a person has terminated too, and those that still wait. */
export async function closeAll(sessions: readonly pg.Client[]): Promise<void> {
  // A session that waits for a lock does not read our goodbye: its socket is closed.
  for (const session of sessions)
    (session as unknown as {connection: {stream: {destroy(): void}}}).connection.stream.destroy();
}

/** Repeats `work` until the returned function is called, which waits for the last run. Failures are left to the next run. */
export function repeat(work: () => Promise<unknown>, everyMs: number): EndIncident {
  let [over, timer] = [false, undefined as NodeJS.Timeout | undefined];
  const run = async (): Promise<void> => {
    await work().catch(() => {});
    if (over) return;
    await new Promise<void>(resolve => {
      timer = setTimeout(resolve, everyMs);
      wake = resolve;
    });
    if (!over) await run();
  };
  let wake = (): void => {};
  const running = run();
  return async () => {
    over = true;
    clearTimeout(timer);
    wake();
    await running;
  };
}
