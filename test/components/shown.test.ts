import {describe, expect, it} from 'vitest';
import {PANES} from '../../components/panes/index.ts';
import {samplesShown} from '../../components/shown.ts';
import {stateOf} from '../helpers/state/screen.ts';

const MAIN = [
  'positions',
  'prefect',
  'redis',
  'running',
  'running_info',
  'server',
  'sessions',
  'statements',
  'statements_info',
  'trades',
];

describe('the samples that a screen shows', () => {
  it('are those of its panes, also of those that have one line, and of the header', () => {
    expect(samplesShown(stateOf(), 120, 34)).toEqual(MAIN);
    expect(samplesShown(stateOf(), 120, 40)).toEqual([...MAIN, 'sync'].toSorted());
    expect(samplesShown(stateOf(), 80, 24)).toEqual([...MAIN, 'sync'].toSorted());
    expect(samplesShown(stateOf({ui: {view: 'Books', focus: 'positions'}}), 120, 34)).toEqual([
      'positions',
      'redis',
      'server',
      'trades',
    ]);
    expect(samplesShown(stateOf({ui: {zoomed: true, focus: 'positions'}}), 120, 34)).toEqual([
      'positions',
      'redis',
      'server',
    ]);
    expect(samplesShown(stateOf(), 20, 5)).toEqual(['redis', 'server']);
  });

  it('are those of the list of targets while it is open', () => {
    const overlay = {kind: 'chooser', actionId: 'vacuum-analyze', selected: 0, filter: ''} as const;
    expect(samplesShown(stateOf({ui: {overlay}}), 20, 5)).toEqual(['progress', 'redis', 'server', 'tables']);
  });

  it('do not depend on what the samples hold', () => {
    const full = stateOf();
    const none = stateOf({
      samples: Object.fromEntries(
        Object.keys(full.samples).map(id => [id, {...full.samples.server, state: 'down', rows: []}]),
      ),
    });
    for (const pane of PANES) expect(pane.reads(none), pane.id).toEqual(pane.reads(full));
  });
});
