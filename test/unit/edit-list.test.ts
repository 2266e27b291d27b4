import {describe, expect, it} from 'vitest';
import {rowsTable} from '../../src/commands/shared/edit-list.ts';

const rows = [
  {key: 'maintenance.schedule', about: 'jobs, time zone and retention of scheduled maintenance, for all hosts'},
];
const table = (width?: number): readonly string[] =>
  rowsTable(
    rows,
    [
      ['key', row => row.key],
      ['about', row => row.about],
    ],
    'none',
    width,
  ).split('\n');

describe('a list', () => {
  it('is a line a row where there is room for it', () => {
    expect(table()).toHaveLength(5);
  });

  it('fits a narrow terminal, breaks between words and loses none', () => {
    const lines = table(50);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(50);
    const about = lines.slice(3, -1).map(line => line.split('│')[2]?.trim());
    expect(about.join(' ')).toBe(rows[0]?.about);
  });

  it('breaks within words where these are too long', () => {
    const lines = table(30);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(30);
    expect(
      lines
        .slice(3, -1)
        .map(line => line.split('│')[1]?.trim())
        .join(''),
    ).toBe('maintenance.schedule');
  });

  it('says so where there is nothing', () => {
    expect(rowsTable([], [['key', row => row.key]], 'There is none.', 20)).toBe('There is none.');
  });
});
