import type {SessionsRow} from '../monitor/sessions.ts';
import type {AlertFinding} from './rule.ts';

/** Who holds most of a server's connections without using them. */
type MostIdle = {
  /** `, 88 of them idle ones of strategy_engine (signal-worker)`; empty: nobody holds several. */
  readonly words: string;
  /** Those sessions. */
  readonly row: AlertFinding['row'];
};

/** The service and application with the most idle sessions; one alone is not told of. */
export function mostIdle(services: readonly SessionsRow[]): MostIdle {
  const [most] = services.filter(({idleAlike}) => idleAlike > 1).toSorted((a, b) => b.idleAlike - a.idleAlike);
  if (most === undefined) return {words: '', row: undefined};
  const {service, database, idleAlike, idleApplication: application} = most;
  return {
    words: `, ${idleAlike} of them idle ones of ${service}${application === undefined ? '' : ` (${application})`}`,
    row: {
      pane: 'sessions',
      where: {service, database, ...(application === undefined ? {} : {application}), state: 'idle'},
    },
  };
}
