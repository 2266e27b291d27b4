import {ageAt, bytes, count} from '../../src/core/format.ts';
import {isoMicros} from '../../src/core/time.ts';
import {rejectOf} from '../../src/input/rejects.ts';
import type {State} from '../../src/model/state.ts';
import {labelled, paragraph} from '../lines/paragraph.ts';
import type {Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

/** A message that was not taken, with the reason. */
export function rejectOverlay(
  state: State,
  {number, scroll}: {readonly number: number; readonly scroll: number},
  width: number,
): OverlayContent {
  const reject = rejectOf(state, number);
  const lines: readonly Line[] =
    reject === undefined
      ? [[['So many have come since that it is no longer kept.', 'faint']]]
      : [
          ...labelled('reason', reject.reason, 10, width, 'strong'),
          ...labelled('detail', reject.detail, 10, width),
          ...labelled('channel', reject.channel, 10, width),
          ...labelled(
            'received',
            `${isoMicros(reject.at)} (${ageAt(reject.at, state.at)} ago), ${bytes(reject.bytes)}`,
            10,
            width,
          ),
          [],
          [['message', 'faint']],
          ...paragraph(reject.text, width),
        ];
  return {
    title: [['A message that was not taken', 'title']],
    right: [[`${count(number)} of ${count(state.bus.rejected)} so far`, 'faint']],
    foot: [['y copies it · Esc back to the list', 'faint']],
    tone: 'accent',
    top: [],
    bottom: [],
    lines,
    scroll,
  };
}
