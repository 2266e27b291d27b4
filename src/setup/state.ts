import type {Io} from '../io/io.ts';

/** Whether the set-up has been run on this database: its core tables exist. Rejects with the driver's error. */
export const isSetUp = async (trading: Io): Promise<boolean> =>
  (await trading.query('setup/state'))[0]?.set_up === true;
