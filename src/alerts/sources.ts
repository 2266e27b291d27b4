import type {SampleId} from '../model/state.ts';
import type {Held} from '../monitor/sample.ts';
import {type AlertFinding, LIMITS, type Seen, within} from './finding.ts';

/** Sources that do not answer, or not to us. */
export function sourceAlerts(state: Seen): readonly AlertFinding[] {
  const {samples} = state;
  const {server, prefect} = samples;
  if (server.state === 'down') {
    return [
      {id: 'pg_down', severity: 'crit', text: `PostgreSQL does not answer: ${why(server)}`, since: server.failingSince},
    ];
  }
  if (server.state === 'denied') {
    return [
      {id: 'pg_denied', severity: 'crit', text: `PostgreSQL refuses us: ${why(server)}`, since: server.failingSince},
    ];
  }
  const failing = prefect.state === 'down' || prefect.state === 'denied';
  return [
    ...ofPrefect(failing, prefect),
    ...setUp(state),
    ...(['trades', 'positions'] as const)
      .filter(id => samples[id].state === 'denied')
      .map(id => denied(id, samples[id])),
    ...DESK.filter(id => lasting(state, samples[id])).map(id => broken(id, samples[id])),
    ...DESK.filter(id => samples[id].state === 'stale').map(id => stale(id, samples[id])),
  ];
}

/** What is shown of the trading database, beside the server itself. */
const DESK = [
  'server',
  'trades',
  'positions',
  'statements',
  'running',
  'sessions',
  'sync',
] as const satisfies readonly SampleId[];

type AnyHeld = Held<unknown>;

const why = ({failure}: AnyHeld): string => failure?.message ?? 'no reason given';

const ofPrefect = (failing: boolean, prefect: AnyHeld): readonly AlertFinding[] =>
  failing
    ? [
        {
          id: prefect.state === 'denied' ? 'prefect_denied' : 'prefect_down',
          severity: 'warn',
          text: `Prefect’s database ${prefect.state === 'denied' ? 'refuses us' : 'does not answer'}: ${why(prefect)}`,
          since: prefect.failingSince,
        },
      ]
    : [];

function setUp({samples}: Seen): readonly AlertFinding[] {
  const missing = [samples.trades, samples.positions].find(held => held.failure?.why === 'not_set_up');
  return missing
    ? [
        {
          id: 'not_set_up',
          severity: 'crit',
          text: `The trading database is not set up (${why(missing)}): run tradetop setup`,
          since: missing.failingSince,
        },
      ]
    : [];
}

const denied = (id: SampleId, held: AnyHeld): AlertFinding => ({
  id: `denied:${id}`,
  severity: 'warn',
  text: `${id} cannot be read: ${why(held)}`,
  since: held.failingSince,
});

// One statement that did not make it in time is no alert: the pane shows it, and the next one comes.
const lasting = (state: Seen, held: AnyHeld): boolean =>
  held.state === 'down' && !within(state.at, held.failingSince, LIMITS.grace);

const broken = (id: SampleId, held: AnyHeld): AlertFinding => ({
  id: `down:${id}`,
  severity: 'warn',
  text: `${id} gives no new rows: ${why(held)}`,
  since: held.failingSince,
});

const stale = (id: SampleId, held: AnyHeld): AlertFinding => ({
  id: `stale:${id}`,
  severity: 'warn',
  text: `${id} has not been read again in time`,
  since: held.staleAt,
});
