import {ageAt, bytes, count} from '../../src/core/format.ts';
import type {Micros} from '../../src/core/time.ts';
import {cells, pad} from '../../src/core/width.ts';
import {rejectIndex} from '../../src/input/rejects.ts';
import type {BusState, NumberedReject} from '../../src/model/bus-state.ts';
import type {Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

type RejectsProps = {
  readonly bus: Pick<BusState, 'rejectList' | 'rejects' | 'rejected'>;
  /** Number of the selected message; undefined: the newest. */
  readonly selected: number | undefined;
  readonly now: Micros;
  /** Cells of a line. */
  readonly width: number;
};

/** The last messages from the bus that were rejected, newest first, and how many there were for each reason. */
export function rejectsContent({bus, selected, now, width}: RejectsProps): OverlayContent {
  const {rejectList: list, rejects, rejected} = bus;
  const index = rejectIndex(list, selected);
  const counts = Object.entries(rejects).filter(([, n]) => n > 0);
  const none: Line = [['No message has been rejected.', 'faint']];
  return {
    title: [['Rejected messages', 'title']],
    right: [[`${count(rejected)} so far`, 'faint']],
    foot: [['↑↓ choose · ⏎ whole message · y copy · Esc back', 'faint']],
    tone: 'accent',
    top: [
      [[counts.map(([reason, n]) => `${reason} ${count(n)}`).join(' · '), 'strong']],
      ...(list.length < rejected ? [[[`the last ${count(list.length)}:`, 'faint']] as Line] : []),
      [['  '], [rowText(HEADING, width), 'faint']],
    ],
    bottom: [],
    lines: list.length === 0 ? [none] : list.map((each, i) => line(each, i === index, width, now)),
    scroll: {at: index},
  };
}

type Cells = Readonly<Record<'age' | 'reason' | 'size' | 'channel' | 'detail', string>>;

const HEADING: Cells = {age: 'AGE', reason: 'REASON', size: 'SIZE', channel: 'CHANNEL', detail: 'DETAIL'};

function line({reject}: NumberedReject, selected: boolean, width: number, now: Micros): Line {
  const {at, reason, channel, detail, bytes: size} = reject;
  const text = rowText({age: ageAt(at, now), reason, size: bytes(size), channel, detail}, width);
  if (!selected) return [['  '], [text]];
  return [
    ['▸ ', 'title'],
    [text, 'select'],
  ];
}

// Limits of the column of channels.
const [LEAST, MOST] = [16, 26];

function rowText({age, reason, size, channel, detail}: Cells, width: number): string {
  const room = Math.max(LEAST, Math.min(MOST, Math.floor(width / 4)));
  const left = `${pad(age, 6, 'right')} ${pad(reason, 15)} ${pad(size, 7, 'right')} ${pad(channel, room)} `;
  return left + pad(detail, Math.max(8, width - 2 - cells(left)));
}
