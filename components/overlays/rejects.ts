import {ageAt, bytes, count} from '../../src/core/format.ts';
import {cells, pad} from '../../src/core/width.ts';
import {rejectIndex} from '../../src/input/rejects.ts';
import type {NumberedReject} from '../../src/model/bus-state.ts';
import type {State} from '../../src/model/state.ts';
import type {Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

/** The last messages that were not taken, newest first, and how many there were for each reason. */
export function rejectsOverlay({bus, at}: State, selected: number | undefined, width: number): OverlayContent {
  const {rejectList: list, rejects, rejected} = bus;
  const place = rejectIndex(list, selected);
  const counts = Object.entries(rejects).filter(([, n]) => n > 0);
  const none: Line = [['No message has been refused so far.', 'faint']];
  return {
    title: [['Messages that were not taken', 'title']],
    right: [[`${count(rejected)} so far`, 'faint']],
    foot: [['↑↓ choose · ⏎ the whole message · y copies it · Esc back', 'faint']],
    tone: 'accent',
    top: [
      [[counts.map(([reason, n]) => `${reason} ${count(n)}`).join(' · '), 'strong']],
      ...(list.length < rejected ? [[[`the last ${count(list.length)}:`, 'faint']] as Line] : []),
      [['  '], [row(width, 'AGE', 'REASON', 'SIZE', 'CHANNEL', 'DETAIL'), 'faint']],
    ],
    bottom: [],
    lines: list.length === 0 ? [none] : list.map((each, i) => line(each, i === place, width, at)),
    scroll: {at: place},
  };
}

function line({reject}: NumberedReject, chosen: boolean, width: number, now: number): Line {
  const {reason, channel, detail, bytes: size} = reject;
  const text = row(width, ageAt(reject.at, now), reason, bytes(size), channel, detail);
  return chosen
    ? [
        ['▸ ', 'title'],
        [text, 'select'],
      ]
    : [['  '], [text]];
}

function row(width: number, age: string, reason: string, size: string, channel: string, detail: string): string {
  const where = Math.max(16, Math.min(26, Math.floor(width / 4)));
  const left = `${pad(age, 6, 'right')} ${pad(reason, 15)} ${pad(size, 7, 'right')} ${pad(channel, where)} `;
  return left + pad(detail, Math.max(8, width - 2 - cells(left)));
}
