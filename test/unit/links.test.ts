import {describe, expect, it} from 'vitest';
import * as api from '../../src/index.ts';
import {BINDINGS} from '../../src/input/bindings.ts';
import {keyLabel} from '../../src/input/keys.ts';
import {repositoryFiles, type TextFile} from '../helpers/rules/files.ts';
import {brokenLinks, headingsOf} from '../helpers/rules/links.ts';

const files = repositoryFiles();
const documents = files.filter(({path}) => path.endsWith('.md'));
const sources = files.filter(({path}) => /^(?:src|components)\/.*\.tsx?$/.test(path)).map(({text}) => text);

/** What the documents have in code among their sentences; tables and blocks of code are left out. */
const spoken = documents.flatMap(({path, text}) =>
  [...text.replaceAll(/^(?:\|.*|```[\s\S]*?^```)$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => ({
    path,
    code,
  })),
);

describe('the documents', () => {
  it('lead to files and headings that are there', () => {
    expect(brokenLinks(files)).toEqual([]);
  });

  it('name environment variables that the program reads', () => {
    const named = spoken.filter(({code}) => /^(?:[A-Z][A-Z0-9]*_[A-Z0-9_]+|PG[A-Z]+)(?:=|$)/.test(code));
    const read = (name: string): boolean => sources.some(text => new RegExp(`\\b${name}\\b`).test(text));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({code}) => !read(code.split('=')[0] ?? ''))).toEqual([]);
  });

  it('name keys that are bound', () => {
    const labels = new Set(BINDINGS.flatMap(({keys}) => keys.map(key => keyLabel(key))));
    const named = spoken.filter(({code}) => /^(?:[a-zA-Z?./+=-]|Esc|Tab|Ctrl-.)$/.test(code));
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter(({code}) => !labels.has(code))).toEqual([]);
  });

  it('name functions that the package exports', () => {
    const named = spoken.filter(({code}) => /^(?:publish|subscribe|with|update|audit)\w*(?:\(.*\))?$/.test(code));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({code}) => !Object.hasOwn(api, code.replace(/\(.*/, '')))).toEqual([]);
  });
});

describe('the rule of links', () => {
  const others: readonly TextFile[] = [
    {path: 'src/io/pg.ts', text: ''},
    {path: 'src/io/sql@15.sql', text: ''},
    {path: 'README.md', text: '# A **big** `thing`: [linked](#again)\n```sh\n# no heading\n```\n## Again\n## Again\n'},
  ];
  const broken = (path: string, text: string): readonly string[] =>
    brokenLinks([...others.filter(other => other.path !== path), {path, text}]).map(what => what.split(': ')[1] ?? '');

  it('knows the headings of a document', () => {
    expect(headingsOf(others[2]?.text ?? '')).toEqual(['a-big-thing-linked', 'again', 'again-1']);
  });

  it('follows links from the document’s own folder', () => {
    const good =
      '[a](io/pg.ts) [b](../README.md#again-1) [c](./io/) [d](https://x.y/z) [e](#here)\n# Here\n![f](../src/io/pg.ts)';
    expect(broken('src/README.md', good)).toEqual([]);
    const bad = '[a](io/no.ts) [b](../README.md#no) [c](#no) [d](no/ "title")\n[e]: ../no.md\n<img src="no.png">';
    expect(broken('src/README.md', bad)).toEqual(['io/no.ts', '../README.md#no', '#no', 'no/', '../no.md', 'no.png']);
  });

  it('looks up paths in code, from the top and from the document', () => {
    const good = '`src/io/pg.ts` `io/pg` `io/{pg,no}.ts` `src/…` `src/io/*.ts` `io/sql@15.sql` `and/or` `[x](no.md)`';
    expect(broken('src/README.md', good)).toEqual([]);
    const bad = '`src/no.ts` `io/no.ts` `io/no/`\n```sh\npsql -f src/no.sql  # [x](no.md)\n```\n';
    expect(broken('src/README.md', bad)).toEqual(['src/no.ts', 'io/no.ts', 'io/no/', 'src/no.sql']);
  });
});
