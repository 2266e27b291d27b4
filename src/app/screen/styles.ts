/**
 * Styles of cells as small numbers, so that cells compare at once. 0 is the terminal's own style. A style is made from the
 * SGR sequences of a painted text; what a terminal would not show is no part of it.
 */
export type StyleId = number;

type Style = {readonly attributes: number; readonly colour: string; readonly ground: string};

/** Each attribute: its bit, the code that begins it, the code that ends it. Bold and dim end together. */
const ATTRIBUTES = [
  [1, 1, 22],
  [2, 2, 22],
  [4, 3, 23],
  [8, 4, 24],
  [16, 7, 27],
  [32, 9, 29],
] as const;
/** Underline, inverse and strike-through show on a space. */
const ON_SPACES = 8 | 16 | 32;

const PLAIN: Style = {attributes: 0, colour: '', ground: ''};
const styles: Style[] = [PLAIN];
const ids = new Map<string, StyleId>([[nameOf(PLAIN), 0]]);
const applied = new Map<string, StyleId>();
const changes = new Map<string, string>();

function nameOf({attributes, colour, ground}: Style): string {
  return `${attributes}/${colour}/${ground}`;
}

function idOf(style: Style): StyleId {
  const name = nameOf(style);
  const known = ids.get(name);
  if (known !== undefined) return known;
  ids.set(name, styles.length);
  return styles.push(style) - 1;
}

const styleOf = (id: StyleId): Style => styles[id] ?? PLAIN;

/** The style after an SGR sequence with these parameters (`1;31`). Unknown codes change nothing. */
export function withSgr(id: StyleId, parameters: string): StyleId {
  const key = `${id};${parameters}`;
  const known = applied.get(key);
  if (known !== undefined) return known;
  let style = styleOf(id);
  const codes = parameters.split(';').map(Number);
  for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
    if (code !== 38 && code !== 48) style = afterCode(style, code);
    else {
      const colour = [code, ...codes.splice(0, codes[0] === 2 ? 4 : 2)].join(';');
      style = code === 38 ? {...style, colour} : {...style, ground: colour};
    }
  }
  const next = idOf(style);
  applied.set(key, next);
  return next;
}

function afterCode(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return {...style, colour: String(code)};
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return {...style, ground: String(code)};
  if (code === 39) return {...style, colour: ''};
  if (code === 49) return {...style, ground: ''};
  let {attributes} = style;
  for (const [bit, begin, end] of ATTRIBUTES) {
    if (code === begin) attributes |= bit;
    if (code === end) attributes &= ~bit;
  }
  return {...style, attributes};
}

/** The style as it shows on a space: the letters' weight does not, and their colour only with what shows there. */
export function onSpace(id: StyleId): StyleId {
  const {attributes, colour, ground} = styleOf(id);
  const shown = attributes & ON_SPACES;
  return idOf({attributes: shown, colour: shown === 0 ? '' : colour, ground});
}

/** The shortest sequence that changes one style into another; empty: they are the same. */
export function styleChange(from: StyleId, to: StyleId): string {
  if (from === to) return '';
  if (to === 0) return '\x1b[m';
  const key = `${from},${to}`;
  const known = changes.get(key);
  if (known !== undefined) return known;
  const [a, b] = [styleOf(from), styleOf(to)];
  const anew = ['', ...beginning(b.attributes), ...[b.colour, b.ground].filter(Boolean)].join(';');
  const step = stepBetween(a, b).join(';');
  const change = `\x1b[${step.length <= anew.length ? step : anew}m`;
  changes.set(key, change);
  return change;
}

const beginning = (attributes: number): readonly number[] =>
  ATTRIBUTES.filter(([bit]) => attributes & bit).map(([, begin]) => begin);

function stepBetween(a: Style, b: Style): readonly (string | number)[] {
  const ended = new Set(ATTRIBUTES.filter(([bit]) => a.attributes & ~b.attributes & bit).map(([, , end]) => end));
  // What ends together with another attribute must begin again.
  const kept = ATTRIBUTES.reduce((sum, [bit, , end]) => (ended.has(end) ? sum & ~bit : sum), a.attributes);
  return [
    ...ended,
    ...beginning(b.attributes & ~kept),
    ...(a.colour === b.colour ? [] : [b.colour || 39]),
    ...(a.ground === b.ground ? [] : [b.ground || 49]),
  ];
}
