/** Decides which rows a filter lets through, or says why it cannot. */
export type Filter =
  | {readonly ok: true; readonly test: (text: string) => boolean}
  | {readonly ok: false; readonly error: string};

const ALL: Filter = {ok: true, test: () => true};
// A row's text beyond this is not searched: a bad expression over long queries would hold up the screen.
const REACH = 1000;

/**
 * Reads what was typed after `/`: a text is looked for without regard to case, `!text` keeps the rows without it,
 * `re:x` and `!re:x` take a regular expression. Empty lets everything through.
 */
export function parseFilter(text: string): Filter {
  const inverse = text.startsWith('!');
  const body = (inverse ? text.slice(1) : text).trim();
  if (body === '' || body === 're:') return ALL;
  const matches = body.startsWith('re:') ? expression(body.slice(3)) : substring(body);
  if (typeof matches === 'string') return {ok: false, error: matches};
  return {ok: true, test: row => matches(row.slice(0, REACH)) !== inverse};
}

function substring(body: string): (row: string) => boolean {
  const wanted = body.toLowerCase();
  return row => row.toLowerCase().includes(wanted);
}

function expression(source: string): string | ((row: string) => boolean) {
  try {
    const pattern = new RegExp(source, 'iu');
    return row => pattern.test(row);
  } catch (error) {
    const words = (error as Error).message.split(': ').at(-1) ?? 'not valid';
    return `not a regular expression: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
  }
}
