import {cells, wrap} from '../../src/core/width.ts';
import type {Line, Style} from './theme.ts';

/** A wrapped text, each line with the same indent. */
export const paragraph = (text: string, width: number, style?: Style, indent = 0): readonly Line[] =>
  wrap(text, Math.max(2, width - indent)).map(line => [[' '.repeat(indent)], [line, style]]);

/** A name in `label` cells, and beside it its value, wrapped. */
export function labelled(
  name: string,
  value: string,
  label: number,
  width: number,
  style: Style | undefined = undefined,
): readonly Line[] {
  const gap = Math.max(1, label - cells(name));
  return wrap(value, Math.max(2, width - label)).map((line, i) => [
    i === 0 ? [`${name}${' '.repeat(gap)}`, 'faint'] : [' '.repeat(label)],
    [line, style],
  ]);
}
