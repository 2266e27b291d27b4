import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join, relative, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(file => file !== '' && existsSync(join(root, file)));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const sources = tracked.filter(file => /^(src|components)\/.*\.tsx?$/.test(file) && !file.endsWith('.d.ts'));

type Import = {
  readonly from: string;
  readonly names: string;
  readonly typeOnly: boolean;
  readonly lazy?: boolean;
};

/** Every static import or re-export of a file, and its dynamic imports. */
function importsOf(file: string): readonly Import[] {
  const text = read(file);
  const fixed = [...text.matchAll(/^(?:import|export)\s+(type\s+)?([^;'"]*?)\s*(?:from\s+)?'([^']+)';/gms)];
  const lazy = [...text.matchAll(/\bimport\('([^']+)'\)/g)];
  return [
    ...fixed.map(m => ({
      from: m[3] as string,
      names: m[2] as string,
      typeOnly: m[1] !== undefined || onlyTypes(m[2] as string),
    })),
    ...lazy.map(m => ({from: m[1] as string, names: '', typeOnly: false, lazy: true})),
  ];
}

const onlyTypes = (names: string) =>
  /^\{[^}]+\}$/.test(names) &&
  names
    .slice(1, -1)
    .split(',')
    .filter(n => n.trim())
    .every(n => n.trim().startsWith('type '));

/** The layer that a file belongs to, or the package that an import names. */
function layerOf(path: string): string {
  const parts = path.split('/');
  if (parts[0] === 'components') return 'components';
  if (parts[0] !== 'src') return parts[0] as string;
  return parts.length > 2 ? (parts[1] as string) : (parts[1] as string).replace(/\.tsx?$/, '');
}

// What each folder may import, in values and in types. A folder's own files are not named.
const below: Readonly<Record<string, readonly string[]>> = {
  core: [],
  io: ['core'],
  config: ['core', 'io'],
  bus: ['core', 'io'],
  verify: ['core', 'io'],
  monitor: ['core', 'io', 'bus'],
  sync: ['core', 'io', 'bus'],
  actions: ['core', 'io', 'config', 'sync'],
  model: ['core', 'io', 'config', 'bus', 'verify', 'monitor', 'actions'],
  alerts: ['core', 'monitor', 'model'],
  store: ['core', 'bus', 'monitor', 'actions', 'model', 'alerts'],
  input: ['core', 'bus', 'actions', 'model', 'store'],
  components: ['core', 'config', 'bus', 'monitor', 'verify', 'actions', 'model', 'alerts', 'store', 'input'],
  setup: ['core', 'io', 'config', 'verify'],
  backup: ['core', 'io', 'config', 'verify'],
  doctor: ['core', 'io', 'config', 'bus'],
  feed: ['core', 'io', 'config', 'bus'],
  demo: ['core', 'io', 'config', 'bus', 'feed'],
};
const TOP = ['registry', 'docs', 'app', 'commands', 'cli', 'index', 'build'];

describe('the architecture', () => {
  it('keeps each folder from the ones above it, in types too', () => {
    const wrong = sources.flatMap(file => {
      const layer = layerOf(file);
      if (TOP.includes(layer)) return [];
      const allowed = [layer, ...(below[layer] ?? [])];
      return importsOf(file)
        .filter(i => i.from.startsWith('.'))
        .map(i => relative(root, resolve(root, dirname(file), i.from)))
        .filter(target => !allowed.includes(layerOf(target)))
        .map(target => `${file} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('has no cycle of imports', () => {
    const graph = new Map(
      sources.map(file => [
        file,
        importsOf(file)
          .filter(i => !i.typeOnly && !i.lazy && i.from.startsWith('.'))
          .map(i => relative(root, resolve(root, dirname(file), i.from))),
      ]),
    );
    const done = new Set<string>();
    const cycle = (file: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return undefined;
      for (const next of graph.get(file) ?? []) {
        const found = cycle(next, [...path, file]);
        if (found) return found;
      }
      done.add(file);
      return undefined;
    };
    expect(sources.map(file => cycle(file, [])).find(Boolean)).toBeUndefined();
  });

  it('draws only in components, app and commands', () => {
    const wrong = sources
      .filter(file => !/^(?:components|src\/app|src\/commands)\//.test(file) && file !== 'src/registry.ts')
      .flatMap(file =>
        importsOf(file)
          .filter(i => /^(ink|react)(\/|$)|components\//.test(i.from))
          .map(i => `${file} imports ${i.from}`),
      );
    expect(wrong).toEqual([]);
  });

  it('names its relative imports by their files, and exports by name only', () => {
    const wrong = sources.flatMap(file => [
      ...importsOf(file)
        .filter(i => i.from.startsWith('.') && !/\.(tsx?|json)$/.test(i.from))
        .map(i => `${file}: ${i.from}`),
      ...(/^export default/m.test(read(file)) ? [`${file}: default export`] : []),
    ]);
    expect(wrong).toEqual([]);
  });

  it('has no enum, no interface and no class but errors', () => {
    const wrong = sources.flatMap(file =>
      [
        ...read(file).matchAll(
          /^(?:export )?(?:const )?(enum \w+|interface \w+|(?:abstract )?class \w+(?! extends (?:\w*Error)\b)\b[^{]*)/gm,
        ),
      ]
        .filter(m => !/extends \w*Error/.test(m[0]))
        .map(m => `${file}: ${m[0].trim()}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps SQL in sql/', () => {
    const statement =
      /[`'"]\s*(?:SELECT\s+[\w*'(]|INSERT\s+INTO|UPDATE\s+\w+[\w.]*\s+SET|DELETE\s+FROM|CREATE\s+(?:TABLE|INDEX|SCHEMA|ROLE|DATABASE)|ALTER\s+\w+|GRANT\s+\w+|WITH\s+\w+\s+AS)\b/;
    const wrong = sources
      .filter(file => !file.startsWith('src/feed') || !file.endsWith('.ts'))
      .flatMap(file =>
        read(file)
          .split('\n')
          .map((line, i) => [line, i + 1] as const)
          .filter(([line]) => statement.test(line) && !/^\s*(?:\/\/|\*|\/\*)/.test(line) && !line.includes('sql-text:'))
          .map(([line, n]) => `${file}:${n}: ${line.trim()}`),
      );
    expect(wrong).toEqual([]);
  });

  it('uses every statement under sql/, and asks for none that is not there', () => {
    const files = tracked.filter(file => /^sql\/.+\/.+\.sql$/.test(file) && !file.startsWith('sql/migrations/'));
    const names = new Set(files.map(file => file.replace(/^sql\//, '').replace(/(?:@\d+)?\.sql$/, '')));
    const folders = new Set([...names].map(name => name.split('/')[0] as string));
    const asked = new Set(
      sources
        .flatMap(file => [...read(file).matchAll(/'([a-z_]+\/[a-z0-9_]+)'/g)].map(m => m[1] as string))
        // What the scripts that psql runs by hand read beside them.
        .concat(
          tracked
            .filter(file => /^sql\/\d\d_\w+\.sql$/.test(file))
            .flatMap(file => [...read(file).matchAll(/^\\ir (\w+\/\w+)\.sql$/gm)].map(m => m[1] as string)),
        )
        .filter(name => folders.has(name.split('/')[0] as string)),
    );
    expect({
      missing: [...asked].filter(name => !names.has(name)),
      unused: [...names].filter(name => !asked.has(name)),
    }).toEqual({missing: [], unused: []});
  });

  it('keeps files short enough to be read', () => {
    const long = tracked
      .map(
        file =>
          [
            file,
            /^components\/.*\.tsx$/.test(file)
              ? 150
              : /^src\/.*\.tsx?$/.test(file)
                ? 250
                : /^sql\/.+\/(?!.*migrations).*\.sql$/.test(file)
                  ? 80
                  : Infinity,
          ] as const,
      )
      .filter(([file, limit]) => limit < Infinity && read(file).split('\n').length - 1 > limit)
      .map(([file, limit]) => `${file}: ${read(file).split('\n').length - 1} lines, at most ${limit}`);
    expect(long).toEqual([]);
  });

  it('names files as their kind is named', () => {
    const wrong = tracked.filter(
      file =>
        (/^src\/.*\.tsx?$/.test(file) && !/^src\/(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.d)?\.tsx?$/.test(file)) ||
        (/^sql\//.test(file) && !/^sql\/(?:[a-z_]+\/)?[a-z0-9_]+(?:@\d+)?\.(?:sql|md)$/.test(file)),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps the top level as it was fixed', () => {
    const allowed =
      /^(?:\.ci|\.gitignore|CHANGELOG\.md|LICENSE|README\.md|biome\.json|package(?:-lock)?\.json|tsconfig\.json|components|sql|src|test)(?:\/|$)/;
    expect(tracked.filter(file => !allowed.test(file))).toEqual([]);
  });

  it('locks no registry’s host', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved":/);
  });
});
