import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {commandSpecs} from '../../src/commands/index.ts';
import {CONFIG_FLAGS} from '../../src/commands/shared/command.ts';
import {docTables, fill, fillFiles} from '../../src/docs.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the documentation', () => {
  test('has the tables that the program goes by (npm run docs)', async () => {
    const files = fillFiles(root, docTables({commands: await commandSpecs(), flags: CONFIG_FLAGS}));
    expect(files.map(f => f.file)).toEqual([
      'README.md',
      'components/panes/README.md',
      'sql/README.md',
      'src/verify/README.md',
      'src/alerts/README.md',
    ]);
    for (const {file, before, after} of files) expect(`${file}\n${after}`).toBe(`${file}\n${before}`);
  });

  test('would be found stale when a table changed', () => {
    const text = 'a\n<!-- docs:x -->\nold\n<!-- /docs:x -->\nb';
    expect(fill(text, {x: 'new'})).toBe('a\n<!-- docs:x -->\nnew\n<!-- /docs:x -->\nb');
    expect(() => fill(text, {y: 'new'})).toThrow('no section docs:y');
  });
});
