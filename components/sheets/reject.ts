import {ageAt, bytes, count} from '../../src/core/format.ts';
import {isoMicros} from '../../src/core/time.ts';
import type {State} from '../../src/store/state.ts';
import {labelled, paragraph} from '../paragraph.ts';
import type {Sheet} from '../sheet.ts';
import type {Line} from '../theme.ts';

/** The last message that was not taken, with the reason, and how many there were of each. */
export function rejectSheet({bus, at}: State, scroll: number, width: number): Sheet {
  const {lastReject: last, rejects, rejected} = bus;
  const counts = Object.entries(rejects).filter(([, n]) => n > 0);
  const lines: readonly Line[] =
    last === undefined
      ? [[['No message has been refused so far.', 'faint']]]
      : [
          ...labelled('reason', last.reason, 10, width, 'strong'),
          ...labelled('detail', last.detail, 10, width),
          ...labelled('channel', last.channel, 10, width),
          ...labelled('received', `${isoMicros(last.at)} (${ageAt(last.at, at)} ago), ${bytes(last.bytes)}`, 10, width),
          ...labelled('so far', counts.map(([reason, n]) => `${reason} ${count(n)}`).join(' · '), 10, width),
          [],
          [['message', 'faint']],
          ...paragraph(last.text, width),
        ];
  return {
    title: [['Last message that was not taken', 'title']],
    right: [[`${count(rejected)} so far`, 'faint']],
    foot: [['y copies it · Esc back', 'faint']],
    tone: 'accent',
    top: [],
    bottom: [],
    lines,
    scroll,
  };
}
