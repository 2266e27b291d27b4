import {clusters, isPlain} from '../../core/width.ts';
import {createCache} from './cache.ts';
import {onSpace, type StyleId, withSgr} from './styles.ts';

/** A text in cells. A character of two cells is followed by an empty glyph. */
export type Cells = {
  readonly glyphs: readonly string[];
  readonly styles: readonly StyleId[];
  /** Every glyph takes one cell on any terminal. */
  readonly plain: boolean;
};

const SEQUENCE = /\x1b\[([\d;]*)m|([^\x1b]+)|\x1b/g;
// A second defence: texts from outside have been sanitised where they came in.
const CONTROL = /\p{Cc}/gu;

const parsed = createCache<string, Cells>(1024);

/** The cells of a painted text. Everything that is no style and nothing to be seen is left out. */
export const cellsOf = (text: string): Cells => parsed.get(text, () => parse(text));

function parse(text: string): Cells {
  const glyphs: string[] = [];
  const styles: StyleId[] = [];
  let plain = true;
  let style: StyleId = 0;
  const put = (glyph: string, id: StyleId): void => {
    glyphs.push(glyph);
    styles.push(id);
  };
  for (const [, sgr, raw] of text.matchAll(SEQUENCE)) {
    if (sgr !== undefined) style = withSgr(style, sgr);
    if (raw === undefined) continue;
    const shown = raw.replace(CONTROL, '');
    const blank = onSpace(style);
    if (isPlain(shown)) {
      for (const glyph of shown) put(glyph, glyph === ' ' ? blank : style);
      continue;
    }
    plain = false;
    for (const [cluster, width] of clusters(shown)) {
      for (let i = 0; i < width; i++) put(i === 0 ? cluster : '', cluster === ' ' ? blank : style);
    }
  }
  return {glyphs, styles, plain};
}
