import type {LeadPlace} from '../model/ui-state.ts';
import type {Seen} from './rule.ts';

const health = (key: string): LeadPlace => ({pane: 'health', key});

/** The row of a service in Connection health, by its key there. */
export const serviceAt = (key: string): LeadPlace => health(`service:${key}`);

/** The key of a figure's row in the Server pane. */
export const figureKey = (name: string): string => `figure ${name}`;

/** A figure of PostgreSQL's in the Server pane. */
export const figureAt = (name: string): LeadPlace => ({pane: 'server', key: figureKey(name)});

/** The rows of Connection health that alerts about a whole server lead to. */
export const HEALTH = {
  trading: health('pool:trading'),
  prefect: health('database:prefect'),
  redis: health('redis'),
  bus: health('bus'),
} as const;

/** A service's row in Connection health, whether it is there or gone. */
export function serviceRow({gone = [], samples: {sessions}}: Seen, service: string | undefined): LeadPlace | undefined {
  const there = sessions.rows.find(row => row.service === service);
  const key = there ? `${there.database}/${there.service}` : gone.find(one => one.service === service)?.key;
  return key === undefined ? undefined : serviceAt(key);
}
