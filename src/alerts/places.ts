import type {LeadPlace} from '../model/ui-state.ts';
import type {Seen} from './rule.ts';

const health = (key: string): LeadPlace => ({pane: 'health', key});

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
  return key === undefined ? undefined : health(`service:${key}`);
}
