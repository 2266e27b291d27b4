import type {Env} from './env.ts';

/** What a terminal knows, as far as its name, TERM, tells. */
export type Terminal = {
  /**
   * DEC's private modes that it knows, of those that we use: 25 hides the cursor, 1049 is the alternate screen, 2004 marks
   * what is pasted, and 2026 shows a frame at once.
   */
  readonly modes: readonly number[];
  /** It can move some of its rows, and the others stay. */
  readonly movesRows: boolean;
  /** It takes texts for the clipboard (OSC 52). */
  readonly clipboard: boolean;
  /** It has glyphs beyond those of a PC's text mode, where the locale has. */
  readonly glyphs: boolean;
};

/** An emulator of today. What it does not know it ignores. */
export const EMULATOR: Terminal = {modes: [25, 1049, 2004, 2026], movesRows: true, clipboard: true, glyphs: true};

const DEVICE: Terminal = {modes: [], movesRows: false, clipboard: false, glyphs: true};

/** The first that fits counts. A name that fits none is an emulator's: there is a new one every year. */
const KINDS: readonly (readonly [name: RegExp, Terminal])[] = [
  // DEC's, and the many that say they are one: serial consoles above all.
  [/^vt1(02|3[12])/, {...DEVICE, movesRows: true}],
  [/^vt1\d\d/, DEVICE],
  [/^vt\d/, {...DEVICE, modes: [25], movesRows: true}],
  // The kernels' own consoles: 256 or 512 glyphs, and no other screen.
  [/^(linux|wsvt|pcvt|teken|hurd)/, {...DEVICE, modes: [25], movesRows: true, glyphs: false}],
  [/^(ansi|pcansi|cons\d|sun|cygwin|minix|scoansi|beterm)/, {...DEVICE, glyphs: false}],
  // GNU screen passes a text for the clipboard on to the terminal that it is shown on.
  [/^screen/, {...EMULATOR, modes: [25, 1049, 2004]}],
];

/** Whether nothing is known of the terminal but that it shows lines: what moves its cursor would stand there as text. */
export const isDumb = ({TERM}: Env): boolean =>
  TERM === undefined || TERM === '' || /^(dumb|unknown|network|vt52)$/.test(TERM);

/** What the terminal of this environment knows. Older versions of tmux say that they are GNU screen. */
export function terminalOf({TERM = '', TMUX}: Env): Terminal {
  if (TMUX !== undefined) return EMULATOR;
  return KINDS.find(([name]) => name.test(TERM))?.[1] ?? EMULATOR;
}

/** Whether GNU screen stands between us and the terminal, as far as can be known. */
export const isInScreen = ({TERM = '', STY, TMUX}: Env): boolean =>
  TMUX === undefined && (STY !== undefined || TERM.startsWith('screen'));

// DEC's own, and those that terminfo names as monochrome.
const WITHOUT_COLOUR = /^vt\d|-(?:m|mono)$/;

/**
 * Whether colours are wanted: NO_COLOR (set, and not empty) says no, as https://no-color.org asks; FORCE_COLOR
 * overrules it, `0` and `false` being no; a dumb or monochrome terminal has none.
 */
export function wantsColour(env: Env): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return !isDumb(env) && !WITHOUT_COLOUR.test(env.TERM ?? '');
}
