/**
 * The panes, by the names that `snapshot --json` gives them, in the order of their digits and of Tab. The first four
 * share the screen where there is room for them; each of the others has it whole while it has the focus.
 */
export const PANE_IDS = ['trades', 'positions', 'slow_queries', 'health', 'sync'] as const;

export type PaneId = (typeof PANE_IDS)[number];

/** The panes of the grid, from the left and from above. */
export const MAIN_PANES = [PANE_IDS[0], PANE_IDS[1], PANE_IDS[2], PANE_IDS[3]] as const;

export const isMain = (id: PaneId): boolean => (MAIN_PANES as readonly PaneId[]).includes(id);

const KEYS = '1234567890';

/** The digit that goes to a pane; the tenth has 0, and more have none. */
export const paneKey = (id: PaneId): string => KEYS[PANE_IDS.indexOf(id)] ?? '';

/** Every digit that goes to a pane, and how they are named together: `1-5`. */
export const PANE_KEYS: readonly string[] = PANE_IDS.map(paneKey).filter(key => key !== '');
export const PANE_KEYS_SHOWN = `${PANE_KEYS[0]}-${PANE_KEYS.at(-1)}`;

/** The pane that a digit goes to. */
export const paneOfKey = (key: string): PaneId | undefined => PANE_IDS[KEYS.indexOf(key)];
