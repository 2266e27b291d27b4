import {randomBytes} from 'node:crypto';
import {maintenanceTarget, withConnection} from '../io/pg-client.ts';
import type {SqlLibrary} from '../io/sql.ts';
import {inDatabase, type PgTarget} from '../io/targets.ts';
import type {CheckResult} from '../verify/check.ts';
import type {Manifest} from './manifest.ts';
import {drop, restore} from './restore.ts';
import {BACKUP_CLIENT} from './tools.ts';

type CheckOptions = {
  /** The backup's directory. */
  readonly from: string;
  /** The server for the scratch databases. */
  readonly server: PgTarget;
  readonly sql: SqlLibrary;
  readonly jobs?: number;
  /** The file of age's private key, where the backup is encrypted with age. */
  readonly identity?: string | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Runs the data checks in the restored trading database. */
  readonly check: (restored: PgTarget) => Promise<readonly CheckResult[]>;
};

/**
 * Verifies a backup by restoring it: each of its databases into a scratch database, which is dropped again in any case;
 * the data checks run in the trading one. Throws what `restore` throws.
 */
export async function checkBackup(
  options: CheckOptions,
): Promise<{readonly manifest: Manifest; readonly checks: readonly CheckResult[]}> {
  const {server, signal, say, check} = options;
  const scratch = (part: string): string => `tradetop_check_${part}_${randomBytes(4).toString('hex')}`;
  const made: string[] = [];
  const home = await maintenanceTarget(server, BACKUP_CLIENT);
  const restored = async (part: 'trading' | 'prefect', manifest?: Manifest): Promise<[string, Manifest]> => {
    const into = scratch(part);
    made.push(into);
    return [into, await restore({...options, part, into, ...(manifest ? {verified: manifest} : {})})];
  };
  try {
    const [into, manifest] = await restored('trading');
    say('data checks');
    const checks = await check(inDatabase(server, into));
    signal.throwIfAborted();
    if (manifest.databases.some(d => d.part === 'prefect')) await restored('prefect', manifest);
    return {manifest, checks};
  } finally {
    await withConnection(home, BACKUP_CLIENT, async client => {
      for (const name of made) await drop(client, options.sql, name);
    });
  }
}
