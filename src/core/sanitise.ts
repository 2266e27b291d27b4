import stringWidth from 'string-width';

declare const safe: unique symbol;

/**
 * Text from outside that `sanitise` made safe: without controls, escapes, invisible or direction-changing characters.
 */
export type SafeText = string & {readonly [safe]: true};

const C1_NAMES = '\u2400'.codePointAt(0) as number;
// Format characters and variation selectors: they hide, reorder or widen text (bidi controls, zero-width, tags, BOM).
const HIDDEN = /\p{Cf}|\p{Variation_Selector}|[\u2028\u2029]/gu;
const SPACES = /[\t\n\v\f\r\u0085\u00a0]+/g;
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;
const COMBINING_RUN = /(\p{M}{4})\p{M}+/gu;
const SUSPECT = /[^\x20-\x7e]/;
const SPACING_MARK = /\p{Mc}/u;
const graphemes = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

/**
 * Makes text from outside safe to measure and to show. Line breaks and tabs become one space, other control characters
 * their visible pictures (ESC → ␛), lone surrogates U+FFFD; hidden and direction-changing characters go, as do
 * combining marks after the fourth in a row. A character with so many spacing marks that it takes more than two cells
 * becomes U+FFFD: no script writes one, and Ink cannot draw over a part of it. At most `limit` UTF-16 units remain.
 */
export function sanitise(text: string, limit = 4096): SafeText {
  if (text.length <= limit && !SUSPECT.test(text)) return text as SafeText;
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  const shown = cut
    .toWellFormed()
    .normalize('NFC')
    .replace(SPACES, ' ')
    .replace(CONTROLS, picture)
    .replace(HIDDEN, '')
    .replace(COMBINING_RUN, '$1');
  return (SPACING_MARK.test(shown) ? withoutWide(shown) : shown) as SafeText;
}

const withoutWide = (text: string): string =>
  Array.from(graphemes.segment(text), ({segment}) => (stringWidth(segment) > 2 ? REPLACEMENT : segment)).join('');

/** Stands for what could not be read or shown; no key that `isSafe` accepts has it. */
const REPLACEMENT = '\ufffd';

/** Whether a text can be shown as it is: `sanitise` would not change it, and nothing of it was lost before (U+FFFD). */
export const isSafe = (text: string): text is SafeText => sanitise(text) === text && !text.includes(REPLACEMENT);

/**
 * A key from outside, for comparison as well as for the screen: different keys stay different. One that can be shown is
 * itself; of any other each character beyond printable ASCII is written as `�{200b}`, which no key that can be shown has.
 */
export const keyText = (key: string): SafeText => (isSafe(key) ? key : (key.replace(UNPRINTABLE, written) as SafeText));

/** The key that `keyText` gave this text. */
export const keyOfText = (text: string): string =>
  text.replace(/\ufffd\{([0-9a-f]{1,6})\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));

const UNPRINTABLE = /[^\x20-\x7e]/gu;
const written = (character: string): string => `${REPLACEMENT}{${character.codePointAt(0)?.toString(16)}}`;

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCodePoint(C1_NAMES + code);
  return code === 0x7f ? '\u2421' : `\\x${code.toString(16)}`;
}
