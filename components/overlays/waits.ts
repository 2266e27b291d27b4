import {count, plural} from '../../src/core/format.ts';
import {cells, pad} from '../../src/core/width.ts';
import type {WaitProfile} from '../../src/model/wait-profile.ts';
import {paragraph} from '../lines/paragraph.ts';
import {GLYPH, type Line} from '../lines/theme.ts';
import type {OverlayContent} from './overlay.ts';

const MOST_LABEL = 40;
// Behind a bar: samples and share.
const FIGURES = 12;

/** What a session spent its time on while it was looked at: a bar for each wait event. */
export function waitsContent(profile: WaitProfile | undefined, scroll: number, width: number): OverlayContent {
  const {samples = 0, wanted = 0, phase = 'sampling', why, waits = []} = profile ?? {};
  const sampling = wanted === 0 ? 'sampling …' : `sampling ${count(samples)} of ${count(wanted)} …`;
  return {
    title: [[profile === undefined ? 'Waits' : `Waits of pid ${profile.pid}`, 'title']],
    right: [[phase === 'over' ? plural(samples, 'sample') : sampling, 'faint']],
    foot: [['ten samples a second for five seconds · Esc back', 'faint']],
    tone: 'accent',
    top: why === undefined ? [] : paragraph(`${GLYPH.warn} ${why}`, width, 'strong'),
    bottom: [],
    lines: barLines(waits, samples, width),
    scroll,
  };
}

function barLines(waits: WaitProfile['waits'], total: number, width: number): readonly Line[] {
  const label = Math.min(MOST_LABEL, Math.max(0, ...waits.map(({wait}) => cells(wait))));
  const room = Math.max(1, width - label - FIGURES - 2);
  return waits.map(({wait, samples}): Line => {
    const share = samples / total;
    return [
      [pad(wait, label), 'strong'],
      ['  '],
      [pad('█'.repeat(Math.max(1, Math.round(share * room))), room), 'accent'],
      [pad(count(samples), 5, 'right')],
      [pad(`${Math.round(share * 100)} %`, FIGURES - 5, 'right'), 'faint'],
    ];
  });
}
