import type {Env} from './env.ts';

/** Whether nothing is known of the terminal but that it shows lines: what moves its cursor would stand there as text. */
export const isDumb = ({TERM}: Env): boolean =>
  TERM === undefined || TERM === '' || TERM === 'dumb' || TERM === 'unknown';

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
