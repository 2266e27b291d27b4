import {z} from 'zod';
import {rowSchema, text} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const SQL = 'monitor/settings';

const row = rowSchema({
  name: text,
  value: text,
  unit: text,
  /** Where it was set: `default`, `configuration file`, … */
  source: text,
  /** Changed in the file, and takes effect at the next restart. */
  pending_restart: z.boolean(),
  /** As PostgreSQL ships it. */
  shipped: text,
});

/** A setting of the server. */
export type SettingRow = z.output<typeof row>;

/** The settings that decide most about speed and safety, and those that wait for a restart. */
export const settingsPoller: Poller<{settings: SettingRow}> = statementPoller({
  everyMs: 30_000,
  samples: {
    settings: {sql: SQL, row},
  },
});
