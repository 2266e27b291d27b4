import {count, NA} from '../../src/core/format.ts';
import {cells} from '../../src/core/width.ts';
import type {State} from '../../src/model/state.ts';
import type {PaneId} from '../../src/model/ui-state.ts';
import {seenState} from '../../src/store/frozen.ts';
import {labelled, paragraph} from '../lines/paragraph.ts';
import type {Line} from '../lines/theme.ts';
import {PANES} from '../panes/index.ts';
import type {OverlayContent} from './overlay.ts';

// A value that is longer than this stands in lines of its own, below the others.
const LONG = 60;

type Details = {readonly pane: PaneId; readonly key: string; readonly scroll: number};

/** Every column of a row with all its digits, the whole query wrapped. */
export function detailsOverlay(state: State, {pane: id, key, scroll}: Details, width: number): OverlayContent {
  const pane = PANES.find(p => p.id === id);
  const fields = pane?.details(seenState(state), key);
  const label = Math.max(0, ...(fields ?? []).map(([name]) => cells(name))) + 2;
  const known = (fields ?? []).filter(([, value]) => value !== NA);
  const unknown = (fields ?? []).filter(([, value]) => value === NA).map(([name]) => name);
  const lines: readonly Line[] =
    fields === undefined
      ? [[['The row is no longer there.', 'faint']]]
      : [
          ...known
            .filter(([, value]) => value.length <= LONG)
            .flatMap(([name, value]) => labelled(name, value, label, width)),
          ...(unknown.length > 0 ? labelled(NA, unknown.join(', '), label, width, 'faint') : []),
          ...known
            .filter(([, value]) => value.length > LONG)
            .flatMap(([name, value]): readonly Line[] => [[], [[name, 'faint']], ...paragraph(value, width)]),
        ];
  return {
    title: [[pane?.title ?? id, 'title']],
    right: fields === undefined ? [] : [[`${count(fields.length)} columns`, 'faint']],
    foot: [['y copies it · Esc back', 'faint']],
    tone: 'accent',
    top: [],
    bottom: [],
    lines,
    scroll,
  };
}
