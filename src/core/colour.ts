import type {Env} from './env.ts';

/**
 * Whether colours are wanted: NO_COLOR (set, and not empty) says no, as https://no-color.org asks; FORCE_COLOR
 * overrules it, `0` and `false` being no; a dumb terminal has none.
 */
export function wantsColour(env: Env): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return env.TERM !== 'dumb';
}
