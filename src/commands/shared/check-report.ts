import {duration, plural} from '../../core/format.ts';
import {isoMicros, type Micros} from '../../core/time.ts';
import {CHECK_WINDOW_HOURS, type CheckResult} from '../../verify/check.ts';

/** How many checks ended with each status. */
export type Summary = {readonly pass: number; readonly warn: number; readonly fail: number; readonly skip: number};

export const checksSummary = (results: readonly CheckResult[]): Summary => {
  const count = (status: CheckResult['status']) => results.filter(r => r.status === status).length;
  return {pass: count('pass'), warn: count('warn'), fail: count('fail'), skip: count('skip')};
};

/** 0 when no check failed, else 1; with `strict`, warnings and skipped checks count as failures. */
export const checksExitCode = ({fail, warn, skip}: Summary, strict = false): 0 | 1 =>
  fail > 0 || (strict && warn + skip > 0) ? 1 : 0;

/** The one document that `verify --json` prints; `window_hours` is null where everything was looked at. */
export const checksJson = (at: Micros, results: readonly CheckResult[], full: boolean): string =>
  JSON.stringify(
    {
      at: isoMicros(at),
      window_hours: full ? null : CHECK_WINDOW_HOURS,
      summary: checksSummary(results),
      checks: results,
    },
    null,
    2,
  );

const GLYPHS = {pass: '●', warn: '▲', fail: '✖', skip: '○'} as const;
const ASCII = {pass: 'o', warn: '!', fail: 'x', skip: '-'} as const;

/** So many violations of a check are printed; `--json` has all that are kept. */
const MOST_LINES = 20;

/** A check's line, then a line for each violation, and the remedy. */
export function checkLines(result: CheckResult, ascii: boolean): readonly string[] {
  const {status, title, id, ms, rows, more, remedy, why} = result;
  const head = `${(ascii ? ASCII : GLYPHS)[status]} ${status} ${title} (${id}, ${duration(ms)})`;
  if (status === 'pass') return [head];
  const found = rows.slice(0, MOST_LINES).map(row =>
    Object.entries(row)
      .map(([name, value]) => (name === 'object' || name === 'problem' ? `${value}` : `${name}=${value ?? 'null'}`))
      .join(' '),
  );
  const others = rows.length - found.length;
  const rest = others > 0 ? [`and ${more ? 'at least ' : ''}${plural(others, 'more row')}: --json has them`] : [];
  return [
    head,
    ...[...(why ? [why] : []), ...found, ...rest].map(line => `    ${line}`),
    `    ${ascii ? '->' : '→'} ${remedy}`,
  ];
}

export const summaryLine = ({pass, warn, fail, skip}: Summary): string =>
  `${pass} passed, ${warn} warned, ${fail} failed${skip > 0 ? `, ${skip} skipped` : ''}`;

/** Says how far back the checks have looked. */
export const windowLine = (full: boolean): string =>
  full ? 'Everything was looked at.' : `Of the data: the last ${CHECK_WINDOW_HOURS} h. --full checks everything.`;
