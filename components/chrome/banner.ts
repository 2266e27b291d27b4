import type {Environment} from '../../src/config/config.ts';
import type {Span, Style, Theme} from '../lines/theme.ts';

const BANNERS: Readonly<Record<Environment, readonly [word: string, style: Style]>> = {
  demo: ['DEMO', 'demo'],
  dev: ['dev', 'dev'],
  paper: ['paper', 'paper'],
  prod: ['PROD', 'prod'],
};

/** The environment's word in a colour of its own; without colours it stands in brackets. */
export function banner(environment: Environment, theme: Theme): Span {
  const [word, style] = BANNERS[environment];
  return [theme.colour ? ` ${word} ` : `[${word}]`, style];
}
