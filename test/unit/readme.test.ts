import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {filled} from '../../src/commands/docs.ts';
import {fill} from '../../src/docs.ts';

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');

describe('the README', () => {
  test('has the tables that the program goes by (npm run docs)', async () => {
    expect(await filled(readme)).toBe(readme);
  });

  test('would be found stale when a table changed', () => {
    const text = 'a\n<!-- docs:x -->\nold\n<!-- /docs:x -->\nb';
    expect(fill(text, {x: 'new'})).toBe('a\n<!-- docs:x -->\nnew\n<!-- /docs:x -->\nb');
    expect(() => fill(text, {y: 'new'})).toThrow('no section docs:y');
  });
});
