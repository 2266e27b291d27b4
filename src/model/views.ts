import type {PaneId} from './ui-state.ts';

/** A named set of panes that are looked at together. */
export type View = {
  readonly name: string;
  /**
   * In the order of their digits and of Tab. The first four share the screen from 120×30 on, the first six from 200×50
   * on. A pane that no file defines is left out.
   */
  readonly panes: readonly PaneId[];
};

/** The views that every console has, in the order of `]`; the first is the one that it opens with. */
export const VIEWS: readonly View[] = [
  {name: 'Main', panes: ['trades', 'positions', 'slow_queries', 'health', 'sync', 'alerts']},
  {name: 'Desk', panes: ['trades', 'positions', 'orders', 'risk', 'market_data', 'analytics']},
  {name: 'Database', panes: ['sessions', 'slow_queries', 'tables', 'server', 'health', 'logs']},
  {name: 'Pipeline', panes: ['sync', 'market_data', 'logs', 'prefect', 'trades', 'health']},
  {name: 'Control', panes: ['alerts', 'checks', 'audit', 'analytics', 'risk', 'logs', 'maintenance']},
];

/** A view has no more panes: each has a digit. */
export const MOST_PANES = 9;

/** The views with those of the config file: one that has the name of another takes its place, the others come last. */
export function withOwnViews(own: readonly View[]): readonly View[] {
  const named = (name: string) => own.find(view => view.name.toLowerCase() === name.toLowerCase());
  const replaced = VIEWS.map(view => named(view.name) ?? view);
  return [...replaced, ...own.filter(view => !replaced.includes(view))];
}
