import type {Reject} from '../../src/bus/event.ts';
import {ageAt, bytes, count} from '../../src/core/format.ts';
import {isoMicros, type Micros} from '../../src/core/time.ts';
import {labelled, paragraph} from '../lines/paragraph.ts';
import type {Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

type RejectProps = {
  /** Undefined: newer ones have replaced it. */
  readonly reject: Reject | undefined;
  /** Its number among all that were rejected, from 1. */
  readonly number: number;
  /** How many were rejected since the console's start. */
  readonly rejected: number;
  readonly now: Micros;
  readonly scroll: number;
  /** Cells of a line. */
  readonly width: number;
};

/** A message from the bus that was rejected, with the reason. */
export function rejectContent({reject, number, rejected, now, scroll, width}: RejectProps): OverlayContent {
  const lines: readonly Line[] =
    reject === undefined
      ? [[['This message is no longer kept: newer ones have replaced it.', 'faint']]]
      : [
          ...labelled('reason', reject.reason, 10, width, 'strong'),
          ...labelled('detail', reject.detail, 10, width),
          ...labelled('channel', reject.channel, 10, width),
          ...labelled(
            'received',
            `${isoMicros(reject.at)} (${ageAt(reject.at, now)} ago), ${bytes(reject.bytes)}`,
            10,
            width,
          ),
          [],
          [['message', 'faint']],
          ...paragraph(reject.text, width),
        ];
  return {
    title: [['Rejected message', 'title']],
    right: [[`${count(number)} of ${count(rejected)} so far`, 'faint']],
    foot: [['y copy · Esc back to the list', 'faint']],
    tone: 'accent',
    top: [],
    bottom: [],
    lines,
    scroll,
  };
}
