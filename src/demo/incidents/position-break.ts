import {type Incident, type IncidentScene, repeat, runStatements} from './incident.ts';

const change = (scene: IncidentScene, statement: string): Promise<void> =>
  runStatements(scene.admin, 'position-loader', statement);

/** A position that is not what the trades come to. */
export const positionBreak: Incident = {
  name: 'position-break',
  does: 'a loader writes a position that does not agree with the trades',
  endedBy: 'no key: positions are the execution service’s to write, and the loader has to be stopped',
  alerts: ['check'],
  begin: async scene => {
    // The desk's next trade of the pair would mend it.
    const stop = repeat(() => change(scene, 'demo/break_position'), 1000);
    return async () => {
      await stop();
      await change(scene, 'demo/correct_positions');
    };
  },
};
