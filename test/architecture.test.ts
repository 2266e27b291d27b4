import {describe, expect, it} from 'vitest';
import * as pollers from '../src/monitor/index.ts';
import {repositoryFiles, type TextFile} from './helpers/rules/files.ts';
import {importRings, importsOf, type Layers, layerOf, unlistedLayers, upwardImports} from './helpers/rules/imports.ts';
import {longFiles, longFunctions} from './helpers/rules/lengths.ts';
import {forbiddenNames, sharedNames} from './helpers/rules/names.ts';
import {impurities} from './helpers/rules/purity.ts';
import {fieldsOf, flagsOf, readsOf, unreadFlags} from './helpers/rules/readers.ts';
import {SLOW} from './slow-first.ts';

const files = repositoryFiles();
const isScript = ({path}: TextFile): boolean => /\.tsx?$/.test(path) && !path.endsWith('.d.ts');
const scripts = files.filter(isScript);
const sources = scripts.filter(({path}) => /^(?:src|components)\//.test(path));
const within = (folder: string): readonly TextFile[] => sources.filter(({path}) => path.startsWith(`${folder}/`));
const textOf = (path: string): string => files.find(file => file.path === path)?.text ?? '';

// What each part may import, in values and in types. A part's own files are not named, and a row names earlier rows only.
const below: Layers = {
  core: [],
  io: ['core'],
  config: ['core', 'io'],
  bus: ['core', 'io'],
  service: ['core', 'io', 'config', 'bus'],
  verify: ['core', 'io'],
  monitor: ['core', 'io', 'bus'],
  sync: ['core', 'io', 'bus'],
  report: ['core', 'io', 'monitor'],
  trace: ['core', 'io', 'monitor'],
  actions: ['core', 'io', 'config', 'bus', 'sync'],
  model: ['core', 'io', 'config', 'bus', 'verify', 'monitor', 'report', 'trace', 'actions'],
  explain: ['core', 'io', 'model'],
  alerts: ['core', 'monitor', 'model'],
  notify: ['core', 'io', 'sync', 'model', 'alerts'],
  store: ['core', 'config', 'bus', 'monitor', 'actions', 'model', 'alerts'],
  input: ['core', 'bus', 'report', 'trace', 'actions', 'model', 'store'],
  components: [
    'core',
    'config',
    'bus',
    'monitor',
    'verify',
    'report',
    'trace',
    'actions',
    'model',
    'alerts',
    'store',
    'input',
  ],
  setup: ['core', 'io', 'config', 'verify'],
  backup: ['core', 'io', 'config', 'verify', 'setup'],
  doctor: ['core', 'io', 'config', 'bus'],
  feed: ['core', 'io', 'config', 'bus', 'service'],
  schedule: ['core', 'io', 'config', 'verify', 'actions'],
  demo: ['core', 'io', 'config', 'bus', 'feed'],
};
const parts = Object.keys(below);
// What joins the parts into programs.
const layers: Layers = {
  ...below,
  registry: parts,
  app: [...parts, 'registry'],
  docs: [...parts, 'registry'],
  commands: [...parts, 'registry', 'app', 'docs'],
  cli: ['core', 'commands'],
  index: ['core', 'io', 'bus', 'service'],
  build: [],
};

// Words that are not the field's: a stranger would not search for them.
const FORBIDDEN = (
  'hand hands handed heart hearts mend mends mended mending surface surfaces tally tallies sheet sheets strip strips ' +
  'stripped press presses pressed pressing follow means patience'
).split(' ');

/** Not ours to name. */
const ALLOWED_NAMES = [
  'stripVTControlCharacters', // node:util
  'mend', // a key of `doctor --json`, which scripts read
];

/**
 * Exceptions, each by the beginning of what its rule says. A rule fails as well when one of its exceptions is no longer
 * needed, so that the lists can only become shorter.
 */
const KNOWN = {
  impure: [
    // SCRAM is made of hashes and a random salt; node:crypto does no I/O.
    'src/core/scram.ts uses node:crypto',
    // The one clock.
    'src/core/time.ts uses Date.now',
  ],
};

/** What a rule found beyond its exceptions, and the exceptions that it did not need. */
function beyond(found: readonly string[], known: readonly string[]): readonly string[] {
  return [
    ...found.filter(what => !known.some(start => what.startsWith(start))),
    ...known
      .filter(start => !found.some(what => what.startsWith(start)))
      .map(start => `no longer an exception: ${start}`),
  ];
}

describe('the architecture', () => {
  it('keeps each part from the ones above it, in types and dynamic imports too', () => {
    expect(unlistedLayers(sources, layers)).toEqual([]);
    expect(upwardImports(sources, layers)).toEqual([]);
    expect(parts.flatMap((part, i) => below[part]?.filter(lower => parts.indexOf(lower) >= i) ?? [])).toEqual([]);
  });

  it('has no files that import each other in a ring, in types and dynamic imports too', () => {
    expect(importRings(scripts)).toEqual([]);
  });

  it('draws only in components, app and commands', () => {
    const wrong = sources
      .filter(({path}) => !/^(?:components|src\/app|src\/commands)\//.test(path) && path !== 'src/registry.ts')
      .flatMap(file =>
        importsOf(file)
          .filter(({target}) => /^(?:ink|react)(?:\/|$)/.test(target) || layerOf(target) === 'components')
          .map(({target}) => `${file.path} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('computes in core without touching the world', () => {
    expect(beyond(impurities(within('src/core')), KNOWN.impure)).toEqual([]);
  });

  it('names its relative imports by their files, and exports by name only', () => {
    const wrong = sources.flatMap(file => [
      ...importsOf(file)
        .filter(({relative, specifier}) => relative && !/\.(?:tsx?|json)$/.test(specifier))
        .map(({specifier}) => `${file.path}: ${specifier}`),
      ...(/^export default/m.test(file.text) ? [`${file.path}: default export`] : []),
    ]);
    expect(wrong).toEqual([]);
  });

  it('has no enum, no interface and no class but errors', () => {
    const declaration = /^(?:export )?(?:const )?(?:enum \w+|interface \w+|(?:abstract )?class \w+[^{]*)/gm;
    const wrong = sources.flatMap(({path, text}) =>
      [...text.matchAll(declaration)]
        .filter(([found]) => !/ extends \w*Error\b/.test(found))
        .map(([found]) => `${path}: ${found.trim()}`),
    );
    expect(wrong).toEqual([]);
  });

  it('installs handlers of signals only in src/io/signals.ts', () => {
    const handler = /\bprocess\.(?:on|once|off|addListener|prependListener)\(\s*(?:'SIG|[A-Za-z])/;
    const found = sources.filter(({path, text}) => path !== 'src/io/signals.ts' && handler.test(text));
    const paths = found.map(({path}) => path);
    expect(paths).toEqual([]);
  });

  it('keeps SQL in sql/', () => {
    const statement =
      /[`'"]\s*(?:SELECT\s+[\w*'(]|INSERT\s+INTO|UPDATE\s+\w+[\w.]*\s+SET|DELETE\s+FROM|CREATE\s+(?:TABLE|INDEX|SCHEMA|ROLE|DATABASE)|ALTER\s+\w+|GRANT\s+\w+|WITH\s+\w+\s+AS)\b/;
    const wrong = sources.flatMap(({path, text}) =>
      text
        .split('\n')
        .map((line, i) => [line, i + 1] as const)
        .filter(([line]) => statement.test(line) && !/^\s*(?:\/\/|\*|\/\*)/.test(line) && !line.includes('sql-text:'))
        .map(([line, n]) => `${path}:${n}: ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });

  it('begins and ends transactions only in src/io/transaction.ts', () => {
    const statement =
      /^(?!\s*(?:\/\/|\*|\/\*)).*['"`](?:BEGIN|START TRANSACTION|COMMIT|ROLLBACK|SAVEPOINT)\b(?! PREPARED)/m;
    const found = sources.filter(({path, text}) => path !== 'src/io/transaction.ts' && statement.test(text));
    expect(found.map(({path}) => path)).toEqual([]);
  });

  it('uses every statement under sql/, and asks for none that is not there', () => {
    const statements = files.filter(({path}) => /^sql\/.+\/.+\.sql$/.test(path) && !path.startsWith('sql/migrations/'));
    const names = new Set(statements.map(({path}) => path.replace(/^sql\/|(?:@\d+)?\.sql$/g, '')));
    const folders = new Set([...names].map(name => name.split('/')[0]));
    // What an operator runs by psql; they include other files by `\ir`.
    const ofPsql = files.filter(({path}) => /^sql\/\d\d_\w+\.sql$/.test(path));
    const asked = [
      ...sources.flatMap(({text}) => [...text.matchAll(/'([a-z_]+\/[a-z0-9_]+)'/g)]),
      ...ofPsql.flatMap(({text}) => [...text.matchAll(/^\\ir (\w+\/\w+)\.sql$/gm)]),
    ]
      .map(([, name = '']) => name)
      // Every file of these folders is a check or a rule of validation, and registered by being there.
      .concat([...names].filter(name => /^(?:verify|quality)\//.test(name)))
      .filter(name => folders.has(name.split('/')[0]));
    expect({
      missing: asked.filter(name => !names.has(name)),
      unused: [...names].filter(name => !asked.includes(name)),
    }).toEqual({missing: [], unused: []});
  });

  it('reads each statement under sql/ from the folder of src that it is named after', () => {
    const statements = new Set(
      files
        .filter(({path}) => /^sql\/(?!migrations)\w+\/.+\.sql$/.test(path))
        .map(({path}) => path.replace(/^sql\/|(?:@\d+)?\.sql$/g, '')),
    );
    // A statement of sql/pg belongs to src/io/pg.ts or src/io/pg-client.ts, for example, and all others to a folder.
    const homeOf = (statement: string): string => {
      const [folder] = statement.split('/') as [string];
      return sources.some(({path}) => path === `src/io/${folder}.ts`) ? `src/io/${folder}` : `src/${folder}/`;
    };
    const asked = sources.flatMap(({path, text}) =>
      [...text.matchAll(/'([a-z_]+\/[a-z0-9_]+)'/g)]
        .map(([, name = '']) => name)
        .filter(name => statements.has(name))
        .map(statement => ({path, statement})),
    );
    const atHome = new Set(asked.filter(a => a.path.startsWith(homeOf(a.statement))).map(a => a.statement));
    // psql reads the first two from within a script; checks and rules are registered by their files being in the folder.
    const registered = /^setup\/(?:migrate|connect)$|^(?:verify|quality)\//;
    const elsewhere = [...statements].filter(s => !atHome.has(s) && !registered.test(s));
    expect(elsewhere).toEqual([]);
  });

  it('keeps files and functions short enough to be read', () => {
    // A statement whose parts must have one effect says so in its head comment.
    const oneEffect = new Set(
      files.filter(({text}) => /^(?:--.*\n)*--.*\bone effect\b/i.test(text)).map(({path}) => path),
    );
    const limitOf = ({path}: TextFile): number | undefined => {
      if (/^components\/.*\.tsx?$/.test(path)) return 150;
      if (/^src\/.*\.tsx?$/.test(path)) return 250;
      // Migrations are append-only, and the scripts at the top of sql/ are run as a whole by psql.
      if (!/^sql\/(?!migrations\/).+\/.+\.sql$/.test(path)) return undefined;
      return oneEffect.has(path) ? 140 : 80;
    };
    expect(longFiles(files.map(withoutHead), limitOf)).toEqual([]);
    expect(longFunctions(sources, 60)).toEqual([]);
  });

  it('gives one name to one thing', () => {
    expect(sharedNames(sources)).toEqual([]);
  });

  it('takes its names from the field', () => {
    const named = files.filter(
      ({path}) => /^(?:src|components|sql|test)\//.test(path) && !/^test\/fixtures\//.test(path),
    );
    const found = forbiddenNames(named, FORBIDDEN).filter(
      what => !ALLOWED_NAMES.some(name => what.endsWith(` ${name}`)),
    );
    expect(found).toEqual([]);
  });

  it('reads what it declares: flags, settings, facts and samples', () => {
    // The flags of every command are settings, which src/config reads by their names.
    const SHARED = 'src/commands/shared/command.ts';
    const byName = (flag: string) => within('src/config').some(({text}) => new RegExp(`[.'{]${flag}\\b`).test(text));
    const sharedFlags = sources.filter(({path}) => path === SHARED).flatMap(flagsOf);
    expect(sharedFlags.length).toBeGreaterThan(10);
    const unread = (path: string, type: string, owner: string, readers: readonly TextFile[]): readonly string[] => {
      const [file, read] = [sources.find(one => one.path === path), readsOf(readers, owner)];
      const fields = file ? fieldsOf(file, type) : [];
      expect(fields, `${type} in ${path}`).not.toEqual([]);
      return fields.filter(field => !read.has(field)).map(field => `${path}: ${type}.${field}`);
    };
    const samples = Object.values(pollers).flatMap(({ids}): readonly string[] => ids);
    const beyondMonitor = sources.filter(({path}) => !path.startsWith('src/monitor/'));
    const seen = readsOf(beyondMonitor, 'samples');
    const found = [
      ...sharedFlags.filter(flag => !byName(flag)).map(flag => `${SHARED}: --${flag}`),
      ...unreadFlags(
        within('src/commands').filter(({path}) => path !== SHARED),
        file => [file],
      ),
      ...unread('src/config/config.ts', 'Config', 'config', sources),
      ...unread('src/model/state.ts', 'About', 'about', sources),
      ...samples.filter(id => !seen.has(id)).map(id => `src/monitor: the rows of ${id}`),
    ];
    expect(found).toEqual([]);
  });

  it('names files as their kind is named', () => {
    const wrong = files.filter(
      ({path}) =>
        (/^src\/.*\.tsx?$/.test(path) && !/^src\/(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.d)?\.tsx?$/.test(path)) ||
        (/^sql\//.test(path) && !/^sql\/(?:(?:[a-z_]+\/)?[a-z0-9_]+(?:@\d+)?\.sql|README\.md)$/.test(path)),
    );
    expect(wrong.map(({path}) => path)).toEqual([]);
  });

  it('keeps the top level as it was fixed', () => {
    const allowed =
      /^(?:\.ci|\.gitignore|CHANGELOG\.md|LICENSE|\.npmrc|README\.md|biome\.json|package(?:-lock)?\.json|tsconfig\.json|components|sql|src|test)(?:\/|$)/;
    expect(files.filter(({path}) => !allowed.test(path)).map(({path}) => path)).toEqual([]);
  });

  it('locks no registry’s host', () => {
    expect(textOf('package-lock.json')).not.toMatch(/"resolved":/);
  });

  it('begins with slow test files that there are', () => {
    const paths = new Set(files.map(({path}) => path));
    expect(SLOW.filter(name => !paths.has(`test/${name}.test.ts`))).toEqual([]);
  });
});

// The limit of a statement does not count its head comment.
const withoutHead = (file: TextFile): TextFile =>
  file.path.endsWith('.sql') ? {...file, text: file.text.replace(/^(?:--[^\n]*\n)+/, '')} : file;
