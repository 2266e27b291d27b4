/** A setting of shared.system_config that tradetop itself reads. */
export type SystemKey = {
  readonly does: string;
  /** What holds without it: JSON. */
  readonly default?: string;
  /** What happens without it, where that is no value. */
  readonly otherwise?: string;
};

/**
 * The settings of shared.system_config that tradetop reads, by key; a value is JSON. Services keep settings of their own
 * beside them. A test compares the list with the statements of `sql/`.
 */
export const SYSTEM_KEYS: Readonly<Record<string, SystemKey>> = {
  'alerts.limits': {
    does: 'thresholds of alerts for all hosts, by rule; each that the config file’s alerts set comes first',
    otherwise: 'as tradetop alerts limits shows',
  },
  'books.open_months': {
    does: 'whole months before the current one that no closing of the books may close',
    default: '3',
  },
  'desk.timezone': {does: 'time zone whose days reports count in', default: '"UTC"'},
  'maintenance.schedule': {
    does: 'jobs, time zone and retention of scheduled maintenance, for all hosts; what the config file’s schedule sets comes first',
    otherwise: 'as tradetop maintain --list shows',
  },
  'market.sessions': {
    does: 'time zone, sessions and holidays of the market: when what may be silent, and what waits for the close',
    otherwise: 'always open',
  },
};
