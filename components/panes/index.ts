import type {PaneId} from '../../src/model/ui-state.ts';
import type {Pane} from '../lines/pane.ts';
import {health} from './health.ts';
import {positions} from './positions.ts';
import {slowQueries} from './slow-queries.ts';
import {sync} from './sync.ts';
import {trades} from './trades.ts';

/** Every pane, in the order of their digits: of PANE_IDS. */
export const PANES: readonly Pane[] = [trades, positions, slowQueries, health, sync];

/** A pane by its name. */
export function paneOf(id: PaneId): Pane {
  const pane = PANES.find(p => p.id === id);
  if (pane === undefined) throw new Error(`there is no pane ${id}`);
  return pane;
}
