import {describe, expect, it} from 'vitest';
import {createRedactor, redacted, secretsOf} from '../../src/core/redact.ts';
import {reportFigures} from '../../src/report/figures.ts';
import {reportMarkdown} from '../../src/report/markdown.ts';
import {spanParams} from '../../src/report/span.ts';
import {figureLine as line, shiftReport} from '../helpers/state/report.ts';

describe('the span of a report', () => {
  it.each([
    [{}, [null, 0, null]],
    [{date: 'Today'}, [null, 0, null]],
    [{date: ' YESTERDAY '}, [null, 1, null]],
    [{date: '2026-11-26'}, ['2026-11-26', null, null]],
    [{since: '8h'}, [null, null, 28_800]],
    [{since: '90 M'}, [null, null, 5400]],
  ])('%j', (asked, params) => {
    expect(spanParams(asked)).toEqual(params);
  });

  it.each([
    {date: '2026-02-30'},
    {date: '26.11.2026'},
    {date: 'infinity'},
    {date: "2026-11-26'; DROP TABLE x"},
    {since: '0h'},
    {since: '-8h'},
    {since: '8'},
    {since: '99999d'},
    {since: '8 fortnights'},
  ])('refuses %j in a sentence', asked => {
    expect(() => spanParams(asked)).toThrow(/ is no (?:day|span)\.$/);
  });
});

const held = (accountId: string, quantity?: string, averageCost?: string, mark?: string) =>
  ({accountId, symbol: 'IBM', held: quantity, averageCost, mark}) as unknown as NonNullable<
    Parameters<typeof reportFigures>[1]
  >[number];

describe('the figures of a report', () => {
  it('are exact sums, however large and small the parts', () => {
    const {desk, accounts, strategies} = reportFigures(
      [
        line('A', 'm', {
          turnover: '9999999999999999999999.9999',
          realizedPnl: '0.1000',
          wins: '2',
          decided: '3',
          trades: '4',
        }),
        line('A', 'n', {turnover: '0.0001', realizedPnl: '0.2000', wins: '0', decided: '0'}),
        line('B', 'm', {realizedPnl: '-0.3000', turnover: '0.0001', wins: '0'}),
      ],
      [held('A', '3', '10.0001', '10.0002'), held('C', '2', '1', '0.5')],
      '0',
    );
    expect(desk).toMatchObject({
      trades: '6',
      turnover: '10000000000000000000000.0001',
      realized_pnl: '0.0000',
      decided: '4',
      win_rate: '0.5',
      unrealized_pnl: '-0.9997',
      commission: '0.0300',
    });
    expect(accounts.map(({account, trades, unrealized_pnl}) => [account, trades, unrealized_pnl])).toEqual([
      ['A', '5', '0.0003'],
      ['B', '1', '0.0000'],
      ['C', '0', '-1.0000'],
    ]);
    expect(strategies.map(({strategy, win_rate}) => [strategy, win_rate])).toEqual([
      ['m', '0.5'],
      ['n', null],
    ]);
  });

  it('are not known where a part is not: never zero', () => {
    const {desk, accounts} = reportFigures(
      [line('A', 'm', {realizedPnl: undefined})],
      [held('A', '3', '10'), held('B', '1', '1', '2')],
      '0',
    );
    expect(desk).toMatchObject({realized_pnl: null, unrealized_pnl: null, turnover: '10.0000'});
    expect(accounts.map(({unrealized_pnl}) => unrealized_pnl)).toEqual([null, '1.0000']);
    expect(reportFigures([line('A', 'm')], undefined, '0').desk.unrealized_pnl).toBeNull();
  });

  it('have one digest for equal numbers, and another for any other', () => {
    const digest = (fields: Record<string, string>) => reportFigures([line('A', 'm', fields)], [], '0').digest;
    expect(digest({turnover: '10'})).toBe(digest({turnover: '10.0000'}));
    expect(digest({turnover: '10.0001'})).not.toBe(digest({turnover: '10'}));
    expect(reportFigures([line('1.0', 'm')], [], '0').digest).not.toBe(reportFigures([line('1', 'm')], [], '0').digest);
  });
});

describe('a report in Markdown', () => {
  it('leaves what others wrote as text', () => {
    const report = shiftReport();
    const text = reportMarkdown(report);
    expect(text).toContain('- note: &lt;script&gt;\\|\\`x\\` \\# no heading');
    expect(text).toContain('| A\\|B | 1 | +0.1000 | 0.0000 | 100.0% | 10.0000 | 0.0100 |');
    expect(text).toContain('| \\[x\\](http://y) |');
    expect(text).toContain('| 2026-11-26 07:00:00Z |  |\n\nand more: only 1 are listed');
    expect(text).toContain('## Gaps\n\nnot read, so that nothing is known of it: denied: no right Ask.');
  });
});

describe('leaving out secrets', () => {
  const redact = createRedactor(['hunter2', 'o\'pass"word@1', 'x']);
  it.each([
    [
      'the known one in any writing',
      `a hunter2 ${encodeURIComponent('o\'pass"word@1')} o''pass"word@1 o'pass\\"word@1`,
    ],
    ['an address', 'cannot reach redis://desk:hunter2@host:6379/0 or postgresql://a:un/known@b/c'],
    [
      'a named value',
      `password=unknown1 "token": "unknown2\\"3" PASSWORD 'unknown4' api_key: unknown5, Authorization: Bearer unknown66`,
    ],
    ['a statement', `SELECT crypt('unknown7', 'unknown8') FROM t`],
    ['a cut statement', `ALTER ROLE r PASSWORD 'unkno`],
    ['a statement with a dollar quote', `DO $x$ BEGIN PERFORM 'unknown9'; END $x$`],
    ['a statement whose quotes do not pair', `/* it's */ select 'unknown10'`],
  ])('%s', (_name, text) => {
    expect(redact(text)).not.toMatch(/hunter2|unkno|pass"word|pass%22/);
  });

  it('leaves the rest as it is', () => {
    const plain = 'ACC-1 holds 5 IBM at 10.0001; SELECT count(*) FROM execution.trades WHERE id = $1';
    expect(redact(plain)).toBe(plain);
    expect(redact('x')).toBe('x');
  });

  it('goes through whatever is in a value, by the names of its fields too', () => {
    expect(redacted({a: [{password: 'q', n: 1, on: true, none: null}], text: 'hunter2'}, redact)).toEqual({
      a: [{password: '***', n: 1, on: true, none: null}],
      text: '***',
    });
  });

  it('knows the secrets of an environment', () => {
    const env = {
      TRADING_DB_PASSWORD: 'one',
      REDIS_URL: 'redis://:two%21@h',
      TRADETOP_SECRET_KEY: 'three',
      TERM: 'xterm',
    };
    expect(secretsOf(env)).toEqual(['one', 'two%21', 'two!', 'three']);
  });
});
