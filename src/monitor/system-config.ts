import {z} from 'zod';
import {instant, maybeText, rowSchema} from './columns.ts';
import type {Poller} from './poller.ts';
import {statementPoller} from './statement-poller.ts';

const row = rowSchema({
  /** As it is, since edits name it and begin with its value. */
  key: z.string(),
  /** JSON, as PostgreSQL writes it. */
  value: z.string(),
  description: maybeText,
  updated_by: maybeText,
  updated_at: instant,
});

/** A setting of shared.system_config. */
export type SystemConfigRow = z.output<typeof row>;

/** The settings of the whole system that somebody has set. */
export const systemConfigPoller: Poller<{system_config: SystemConfigRow}> = statementPoller({
  everyMs: 5000,
  samples: {
    system_config: {sql: 'actions/config', params: [null], row},
  },
});
