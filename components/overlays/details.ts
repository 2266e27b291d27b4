import {count, NA} from '../../src/core/format.ts';
import {cells} from '../../src/core/width.ts';
import {labelled, paragraph} from '../lines/paragraph.ts';
import type {Line} from '../lines/theme.ts';
import type {Found} from '../panes/shared/pane-table.ts';
import {foundLines} from './found-rows.ts';
import type {OverlayContent} from './overlay.ts';

// A longer value has lines of its own, below the others.
const LONG = 60;

type DetailsProps = {
  /** The pane's. */
  readonly title: string;
  /** Names and values of the row's columns; undefined: the row is gone. */
  readonly fields: readonly (readonly [name: string, value: string])[] | undefined;
  /** The rows of the database that it has found. */
  readonly found: Found | undefined;
  /** What the row leads to, in a few words; undefined: nothing. */
  readonly leadsTo: string | undefined;
  readonly scroll: number;
  /** Cells of a line. */
  readonly width: number;
};

/** Every column of a row with all its digits; long values are wrapped below the others, and below them what is not known and what it found. */
export function detailsContent({title, fields, found, leadsTo, scroll, width}: DetailsProps): OverlayContent {
  const label = Math.max(0, ...(fields ?? []).map(([name]) => cells(name))) + 2;
  const known = (fields ?? []).filter(([, value]) => value !== NA);
  const unknown = (fields ?? []).filter(([, value]) => value === NA).map(([name]) => name);
  const lines: readonly Line[] =
    fields === undefined
      ? [[['The row no longer exists.', 'faint']]]
      : [
          ...known
            .filter(([, value]) => value.length <= LONG)
            .flatMap(([name, value]) => labelled(name, value, label, width)),
          ...known
            .filter(([, value]) => value.length > LONG)
            .flatMap(([name, value]): readonly Line[] => [[], [[name, 'faint']], ...paragraph(value, width)]),
          ...(unknown.length > 0 ? [[], ...labelled(NA, unknown.join(', '), label, width, 'faint')] : []),
          ...(found === undefined ? [] : foundLines(found, width)),
        ];
  return {
    title: [[title, 'title']],
    right: fields === undefined ? [] : [[`${count(fields.length)} columns`, 'faint']],
    foot: [[leadsTo === undefined ? 'y copy · Esc back' : `⏎ ${leadsTo} · y copy · Esc back`, 'faint']],
    tone: 'accent',
    top: [],
    bottom: [],
    lines,
    scroll,
  };
}
