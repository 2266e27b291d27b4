import {sanitise} from '../../../src/core/sanitise.ts';
import type {DeskReport} from '../../../src/report/document.ts';
import {reportFigures} from '../../../src/report/figures.ts';

/** A row of the statement of figures. */
export const figureLine = (
  accountId: string,
  strategy: string,
  fields: Partial<Record<string, string | undefined>> = {},
) =>
  ({
    accountId,
    strategy,
    trades: '1',
    turnover: '10.0000',
    realizedPnl: '0.1000',
    commission: '0.0100',
    decided: '1',
    wins: '1',
    ...fields,
  }) as unknown as Parameters<typeof reportFigures>[0][number];

/** A hand-over with a part that is cut, one that could not be read, and texts of others that want to be more. */
export const shiftReport = (): DeskReport => {
  return {
    kind: 'shift',
    day: null,
    from: sanitise('2026-11-26T00:00:00.000000Z'),
    to: sanitise('2026-11-26T08:00:00.000000Z'),
    time_zone: sanitise('UTC'),
    over: true,
    account: null,
    strategy: null,
    made_at: sanitise('2026-11-26T08:00:00.000000Z'),
    note: sanitise('<script>|`x`\n# no heading'),
    figures: reportFigures([figureLine('A|B', '[x](http://y)')], [], '0'),
    sections: [
      {
        id: sanitise('acts'),
        title: sanitise('Acts'),
        columns: [sanitise('at'), sanitise('target')],
        rows: [{at: sanitise('2026-11-26T07:00:00.000000Z'), target: null}],
        cut: true,
        failure: null,
      },
      {
        id: sanitise('gaps'),
        title: sanitise('Gaps'),
        columns: [],
        rows: [],
        cut: false,
        failure: {why: sanitise('denied'), message: sanitise('no right'), next: sanitise('Ask.')},
      },
    ],
  } as DeskReport;
};
