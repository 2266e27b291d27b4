import {describe, expect, it} from 'vitest';
import type {TextFile} from '../helpers/rules/files.ts';
import {importRings, importsOf, unlistedLayers, upwardImports} from '../helpers/rules/imports.ts';
import {longFiles, longFunctions} from '../helpers/rules/lengths.ts';
import {forbiddenNames, sharedNames, wordsOf} from '../helpers/rules/names.ts';
import {impurities} from '../helpers/rules/purity.ts';
import {fieldsOf, flagsOf, readsOf, unreadFlags} from '../helpers/rules/readers.ts';

const file = (path: string, text: string): TextFile => ({path, text});

describe('the rule of imports', () => {
  it('sees every way to import', () => {
    const text = [
      "import 'a';",
      "import type {B} from '../b.ts';",
      "export * from './c.ts';",
      "export {type D} from './d.ts';",
      "type E = import('../e.ts').E;",
      "type F = typeof import('./f.ts');",
      "const g = async () => (await import('./g.ts')).g;",
      "// import './h.ts';",
      'const text = "import \'./i.ts\'";',
    ].join('\n');
    expect(importsOf(file('src/x/y.ts', text)).map(({target}) => target)).toEqual([
      'a',
      'src/b.ts',
      'src/x/c.ts',
      'src/x/d.ts',
      'src/e.ts',
      'src/x/f.ts',
      'src/x/g.ts',
    ]);
  });

  it('refuses an import of a part above, be it a type or dynamic', () => {
    const layers = {low: [], high: ['low']};
    const files = [
      file('src/low/a.ts', "import type {B} from '../high/b.ts';"),
      file('src/low/c.ts', "const b = () => import('../high/b.ts');"),
      file('src/low/d.ts', "import {a} from './a.ts';\nimport pg from 'pg';"),
      file('src/high/b.ts', "import {a} from '../low/a.ts';\nimport {App} from '../../components/App.tsx';"),
    ];
    expect(upwardImports(files, layers)).toEqual([
      'src/low/a.ts imports src/high/b.ts',
      'src/low/c.ts imports src/high/b.ts',
      'src/high/b.ts imports components/App.tsx',
    ]);
  });

  it('wants a row for each part, and a part for each row', () => {
    const files = [file('src/new/a.ts', ''), file('src/cli.ts', ''), file('components/panes/a.ts', '')];
    expect(unlistedLayers(files, {components: [], cli: [], gone: []})).toEqual([
      'new is not in the table of layers',
      'gone has no file',
    ]);
  });

  it('finds rings of any length, of types and dynamic imports too', () => {
    const files = [
      file('src/a.ts', "import type {B} from './b.ts';"),
      file('src/b.ts', "export {c} from './c.ts';"),
      file('src/c.ts', "const a = () => import('./a.ts');\nimport './d.ts';"),
      file('src/d.ts', "import './e.ts';"),
      file('src/e.ts', "type D = import('./d.ts').D;"),
      file('src/f.ts', "import './a.ts';"),
    ];
    expect(importRings(files)).toEqual(['src/a.ts, src/b.ts, src/c.ts', 'src/d.ts, src/e.ts']);
    expect(importRings(files.slice(5))).toEqual([]);
  });
});

describe('the rule of lengths', () => {
  it('counts the lines of files with a limit', () => {
    const files = [
      file('a.ts', '1\n2\n3\n'),
      file('b.ts', '1\n2\n3'),
      file('c.ts', '1\n2\n'),
      file('d.md', '1\n2\n3\n'),
    ];
    const limitOf = ({path}: TextFile) => (path.endsWith('.ts') ? 2 : undefined);
    expect(longFiles(files, limitOf)).toEqual(['a.ts: 3 lines, at most 2', 'b.ts: 3 lines, at most 2']);
  });

  it('counts the lines of functions, methods and arrow functions, comments included', () => {
    const body = '{\n// “ü” is one character, 👍 two units\nreturn;\n}';
    const text = [
      `export async function declared(a: string): Promise<void> ${body}`,
      `const assigned = <T,>(a: T) => ${body};`,
      `const object = {property: () => ${body}, method() ${body}};`,
      `class E extends Error { told() ${body} }`,
      `run(() => ${body});`,
      'function short() {\nreturn 1;\n}',
      'declare function promised(): void;',
    ].join('\n');
    expect(longFunctions([file('a.ts', text)], 3)).toEqual(
      ['declared', 'assigned', 'property', 'method', 'told', 'a function'].map(
        name => `a.ts ${name}: 4 lines, at most 3`,
      ),
    );
  });

  it('reads JSX in .tsx alone', () => {
    expect(longFunctions([file('a.tsx', 'const A = () => (\n<B>\n{1}\n</B>\n);')], 4)).toHaveLength(1);
    expect(() => longFunctions([file('a.ts', 'const a = ;')], 4)).toThrow();
  });
});

describe('the rule of names', () => {
  it('finds a name that two files export', () => {
    const files = [
      file('a.ts', 'export const one = 1, two = 2;\nexport type Three = 3;\nconst four = 4;'),
      file('b.ts', 'export function two(): void {}\nexport class Five extends Error {}'),
      file('c.ts', "export type Three = string;\nexport {one} from './a.ts';\nexport const four = 4;"),
    ];
    expect(sharedNames(files)).toEqual(['two: a.ts, b.ts', 'Three: a.ts, c.ts']);
  });

  it('takes names apart', () => {
    expect(['createHandOver', 'HAND_OVER', 'hand-over', 'SQLHand2', 'handle', 'src/hand/b.ts'].map(wordsOf)).toEqual([
      ['create', 'hand', 'over'],
      ['hand', 'over'],
      ['hand', 'over'],
      ['sql', 'hand'],
      ['handle'],
      ['src', 'hand', 'b', 'ts'],
    ]);
  });

  it('finds forbidden words in names, and leaves text, comments and longer words alone', () => {
    const text = [
      "const handler = 'a hand'; // by hand",
      'const createHand = ({leftHand: {of}}: {"right-hand": number; HAND: 1}) => <Hand hand={of.hands} />;',
    ].join('\n');
    const sql = "SELECT by_hand, 'hand' AS handled -- by hand\n  FROM hand_over";
    expect(forbiddenNames([file('src/a.tsx', text), file('sql/hand.sql', sql)], ['hand'])).toEqual(
      ['createHand', 'leftHand', 'right-hand', 'HAND', 'Hand', 'hand']
        .map(name => `src/a.tsx names ${name}`)
        .concat('sql/hand.sql is the file’s name', 'sql/hand.sql names by_hand', 'sql/hand.sql names hand_over'),
    );
  });
});

describe('the rule of purity', () => {
  it('finds modules of Node, the process, timers, clocks and chance', () => {
    const text = [
      "import {readFileSync} from 'node:fs';",
      'const a = process.env.HOME;',
      'const b = [Date.now(), Math.random(), new Date(), performance.now()];',
      'setTimeout(() => console.log(), 1);',
      "const c = [new Date(0), Date.UTC(2026), Math.max(1, 2), 'process.env'];",
    ].join('\n');
    expect(impurities([file('a.ts', text)])).toEqual(
      ['node:fs', 'process', 'Date.now', 'Math.random', 'new Date()', 'performance', 'setTimeout', 'console'].map(
        use => `a.ts uses ${use}`,
      ),
    );
  });
});

describe('the rule of readers', () => {
  const command = file(
    'src/commands/a.ts',
    `defineCommand({
      flags: {...COMMON, read: {type: 'boolean', help: 'x'}, deaf: {type: 'string', help: 'y', value: 'DIR'}},
      run: async ({flags}) => (flags.read ? 0 : 1),
    });`,
  );

  it('finds a flag that its command does not read', () => {
    expect(flagsOf(command)).toEqual(['read', 'deaf']);
    expect(unreadFlags([command], self => [self])).toEqual(['src/commands/a.ts: --deaf']);
    expect(unreadFlags([command], self => [self, file('b.ts', 'const {deaf} = flags;')])).toEqual([]);
  });

  it('sees how an object is read', () => {
    const text = 'x.flags.a; flags.b = 1; const {c, d: e = 1} = flags; const f = ({flags: {g}, h}) => i.j; flags[k];';
    expect([...readsOf([file('a.ts', text)], 'flags')]).toEqual(['a', 'b', 'c', 'd', 'g', 'k']);
  });

  it('lists the fields of a type', () => {
    const text = 'type A = {readonly a: 1};\nexport type B = {readonly b?: 1; c(): void; "d-e": 2};';
    expect(fieldsOf(file('a.ts', text), 'B')).toEqual(['b', 'c', 'd-e']);
    expect(fieldsOf(file('a.ts', text), 'C')).toEqual([]);
  });
});
