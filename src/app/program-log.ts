import type {Config} from '../config/config.ts';
import {openPg} from '../io/pg.ts';
import {loadSql} from '../io/sql.ts';
import {createServiceLog, type ServiceLog, type ServiceLogOptions} from '../service/service-log.ts';

/** Where a program logs, and its end. */
export type ProgramLog = Pick<ServiceLog, 'logger' | 'close'>;

/**
 * The log of one of our own programs, in logging.system_logs by a connection of its own, which is closed while nothing is
 * logged. Its `close` closes that, too.
 */
export function openProgramLog(
  config: Pick<Config, 'trading' | 'maskAccounts'>,
  options: ServiceLogOptions,
): ProgramLog {
  const db = openPg(config.trading, loadSql(), {
    name: `tradetop ${options.service} log`,
    max: 1,
    writes: true,
    idleMs: 10_000,
    lockMs: 1000,
  });
  const {logger, close} = createServiceLog(db.pool, {maskAccounts: config.maskAccounts, ...options});
  return {
    logger,
    close: async limitMs => {
      const lost = await close(limitMs);
      void db.close();
      return lost;
    },
  };
}
