const MOST = 4000;

// What a statement holds beside its words, in PostgreSQL's notation. A text that was cut may end within a literal.
const PIECES = new RegExp(
  [
    String.raw`(?<comment>\/\*[\s\S]*?(?:\*\/|$)|--[^\n]*)`,
    String.raw`(?<literal>\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$)|[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|[bBxXuU]?&?'(?:[^']|'')*(?:'|$))`,
    String.raw`(?<kept>"(?:[^"]|"")*(?:"|$)|\$\d+|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<number>\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)`,
    String.raw`(?<space>\s+)`,
  ].join('|'),
  'g',
);

/**
 * A statement without its comments and without any value: literals and numbers become `?`, a list of them `?, …`, and white
 * space one space. Statements that differ in their values only become the same text. At most 1,000 characters.
 */
export function statementShape(text: string): string {
  const bare = text.slice(0, MOST).replace(PIECES, (piece, ...rest) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    if (groups.kept !== undefined) return piece;
    return groups.literal !== undefined || groups.number !== undefined ? '?' : ' ';
  });
  return bare
    .replace(/\s+/g, ' ')
    .replace(/((?:\?|\$\d+)(?:, ?(?:\?|\$\d+)){2})(?:, ?(?:\?|\$\d+))+/g, '?, …')
    .trim()
    .slice(0, 1000);
}

const MARKED = /^\s*\/\*\s*(?:[\w.-]+:)?(?:[\w.-]+\/)*([\w.-]+)\s*\*\//;

/** The name in a statement's first comment (`/* orders *\/`, or `/* desk:feed/orders *\/`); undefined: it has none. */
export const markedName = (text: string): string | undefined => MARKED.exec(text)?.[1]?.slice(0, 100);
