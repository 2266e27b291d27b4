import {bytes, count, decimal} from '../../../src/core/format.ts';
import type {Severity} from '../../../src/core/severity.ts';
import type {Value} from '../../lines/table.ts';

/** One figure of a server: a row of the pane. */
export type Figure = {
  readonly key: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly name: string;
  /** As JSON has it, in `unit`; undefined: not known. */
  readonly value: Value | undefined;
  readonly unit: string;
  /** As the screen shows it. */
  readonly shown: string;
  /** Growth per second; undefined: it does not grow, or no rate is known yet. */
  readonly perSecond: number | undefined;
  /** What it may be at most. */
  readonly limit: string;
  readonly note: string;
};

type FigureInput = Pick<Figure, 'key' | 'subject' | 'name' | 'value'> &
  Partial<Omit<Figure, 'key' | 'subject' | 'name' | 'value'>>;

/** A figure with what is said of it; by default nothing. */
export const figureOf = (input: FigureInput): Figure => ({
  severity: 'ok',
  unit: '',
  shown: input.value === undefined || input.value === null ? 'n/a' : String(input.value),
  perSecond: undefined,
  limit: '',
  note: '',
  ...input,
});

/** A number of bytes. */
export const bytesFigure = (input: FigureInput & {readonly value: number | undefined}): Figure =>
  figureOf({unit: 'bytes', shown: bytes(input.value), ...input});

/** A count. */
export const countFigure = (input: FigureInput & {readonly value: number | undefined}): Figure =>
  figureOf({shown: count(input.value), ...input});

/** A rate as the screen shows it: per second, or per minute where that reads better. */
export function rateText({perSecond, unit}: Figure): string {
  if (perSecond === undefined) return '';
  if (unit === 'bytes') return `${bytes(perSecond)}/s`;
  if (perSecond === 0) return '0/s';
  return perSecond >= 0.1 ? `${decimal(perSecond)}/s` : `${decimal(perSecond * 60)}/min`;
}

/** Parts of a note, those that say nothing left out. */
export const joinedNote = (parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join(' · ');
