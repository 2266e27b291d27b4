/** A key: one typed character, or a name of at least two letters (`enter`, `shift-tab`, `ctrl-x`). */
export type Key = string;

/** The parts that we read of what Ink reports beside an input. */
export type InkKey = {
  readonly upArrow?: boolean;
  readonly downArrow?: boolean;
  readonly leftArrow?: boolean;
  readonly rightArrow?: boolean;
  readonly pageUp?: boolean;
  readonly pageDown?: boolean;
  readonly home?: boolean;
  readonly end?: boolean;
  readonly return?: boolean;
  readonly escape?: boolean;
  readonly ctrl?: boolean;
  readonly shift?: boolean;
  readonly tab?: boolean;
  readonly backspace?: boolean;
  readonly delete?: boolean;
  readonly meta?: boolean;
  readonly eventType?: string;
};

/** The keys that go to the panes of a view, in their order. */
export const PANE_DIGITS: readonly Key[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

const NAMED: readonly (readonly [keyof InkKey, Key])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
];

/**
 * The keys in one input from Ink, in order. Over SSH and in tmux several keys arrive as one input (`vay\r`): each code
 * point is a key of its own. An escape and a character that arrive together are two keys, not Alt.
 */
export function keysOf(input: string, ink: InkKey): readonly Key[] {
  if (ink.eventType === 'release') return [];
  if (ink.tab) return [ink.shift ? 'shift-tab' : 'tab'];
  if (ink.return && ink.meta) return ['escape', 'enter'];
  for (const [flag, key] of NAMED) if (ink[flag] === true && (input === '' || input === '\r')) return [key];
  if (ink.ctrl) return /^[a-z]$/.test(input) ? [`ctrl-${input}`] : [];
  const keys = Array.from(input, keyOfCodePoint).filter(key => key !== '');
  return ink.meta && keys.length > 0 ? ['escape', ...keys] : keys;
}

/** Whether a key types a character. */
export const isText = (key: Key): boolean => key.length > 0 && Array.from(key).length === 1;

function keyOfCodePoint(character: string): Key {
  if (character === '\r' || character === '\n') return 'enter';
  if (character === '\t') return 'tab';
  if (character === '\u001b') return 'escape';
  if (character === '\u007f' || character === '\b') return 'backspace';
  const code = character.codePointAt(0) as number;
  if (code >= 1 && code <= 26) return `ctrl-${String.fromCharCode(code + 96)}`;
  // Other controls, lone surrogates and format characters type nothing.
  return /^[\p{C}]$/u.test(character) ? '' : character;
}

/** A key's name on the screen and in the README: `⏎`, `Esc`, `Ctrl-X`, `PgDn`. */
export function keyLabel(key: Key, ascii = false): string {
  const name = (ascii ? ASCII_LABELS[key] : undefined) ?? LABELS[key];
  if (name !== undefined) return name;
  return key.startsWith('ctrl-') ? `Ctrl-${key.slice(5).toUpperCase()}` : key;
}

const LABELS: Readonly<Record<Key, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  enter: '⏎',
  escape: 'Esc',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  backspace: 'Backspace',
  ' ': 'Space',
};

const ASCII_LABELS: Readonly<Record<Key, string>> = {
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  enter: 'Enter',
};
