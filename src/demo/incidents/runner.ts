import {failureOf} from '../../core/errors.ts';
import {sanitise} from '../../core/sanitise.ts';
import {isAborted} from '../../io/transaction.ts';
import type {KeeperMessage} from '../message.ts';
import type {EndIncident, Incident, IncidentScene} from './incident.ts';
import * as all from './index.ts';

/** Every incident, in the order in which help and palette list them. */
export const INCIDENTS: readonly Incident[] = Object.values(all);

const incidentOf = (name: string): Incident | undefined => INCIDENTS.find(incident => incident.name === name);

const ATTEMPTS = 5;

/** Begins again where the server aborted a statement in favour of the desk, which works on the same rows. */
async function beginOf(incident: Incident, scene: IncidentScene): Promise<EndIncident> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await incident.begin(scene);
    } catch (error) {
      if (attempt >= ATTEMPTS || !isAborted(error)) throw error;
    }
  }
}

/** Begins incidents and ends them. */
export type IncidentRunner = {
  /** Begins the incident, or ends it where it goes on; `report` hears when that is done, or why it failed. */
  readonly toggle: (name: string) => Promise<void>;
};

/** Several incidents can go on at once; of one, a beginning and its end do not overlap. */
export function createIncidentRunner(
  scene: IncidentScene,
  report: (message: Extract<KeeperMessage, {kind: 'incident'}>) => void,
): IncidentRunner {
  const going = new Map<string, EndIncident>();
  const busy = new Map<string, Promise<void>>();
  const turn = async (incident: Incident): Promise<void> => {
    const {name, does} = incident;
    try {
      const end = going.get(name);
      if (end) {
        await end();
        going.delete(name);
      } else going.set(name, await beginOf(incident, scene));
      report({kind: 'incident', name, phase: end ? 'ended' : 'begun', text: does});
    } catch (error) {
      report({kind: 'incident', name, phase: 'failed', text: sanitise(failureOf(error).message, 300)});
    }
  };
  return {
    toggle: name => {
      const incident = incidentOf(name);
      if (incident === undefined) return Promise.resolve();
      const next = (busy.get(name) ?? Promise.resolve()).then(() => turn(incident));
      busy.set(name, next);
      return next;
    },
  };
}
