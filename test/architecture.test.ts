import {describe, expect, it} from 'vitest';
import * as pollers from '../src/monitor/index.ts';
import {repositoryFiles, type TextFile} from './helpers/rules/files.ts';
import {importRings, importsOf, type Layers, layerOf, unlistedLayers, upwardImports} from './helpers/rules/imports.ts';
import {longFiles, longFunctions} from './helpers/rules/lengths.ts';
import {forbiddenNames, sharedNames} from './helpers/rules/names.ts';
import {impurities} from './helpers/rules/purity.ts';
import {fieldsOf, readsOf, unreadFlags} from './helpers/rules/readers.ts';

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
const parts = Object.keys(below);
// What joins the parts into programs.
const layers: Layers = {
  ...below,
  registry: parts,
  app: [...parts, 'registry'],
  docs: [...parts, 'registry', 'commands'],
  commands: [...parts, 'registry', 'app', 'docs'],
  cli: ['core', 'commands'],
  index: ['core', 'io', 'bus'],
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
];

/**
 * Exceptions, each by the beginning of what its rule says. A rule fails as well when one of its exceptions is no longer
 * needed, so that the lists can only become shorter.
 */
const KNOWN = {
  imports: ['src/commands/docs.ts imports src/cli.ts'],
  rings: [
    'components/overlays/action-dialog.ts, ',
    'src/actions/action.ts, ',
    'src/actions/table-result.ts, ',
    'src/cli.ts, src/commands/docs.ts',
    'src/monitor/poller.ts, ',
  ],
  impure: [
    'src/core/redis-url.ts uses node:fs',
    // SCRAM is made of hashes and a random salt; node:crypto does no I/O.
    'src/core/scram.ts uses node:crypto',
    // The one clock.
    'src/core/time.ts uses Date.now',
  ],
  signals: ['src/app/', 'src/commands/', 'src/demo/keeper.ts'],
  files: [
    'components/lines/pane-lines.ts',
    'components/lines/theme.ts',
    'components/overlays/action-dialog.ts',
    'components/panes/slow-queries.ts',
    'components/panes/sync-rows.ts',
  ],
  functions: [
    'src/app/action-runner.ts createActionRunner',
    'src/app/live.ts openLive',
    'src/bus/connection.ts openBusConnection',
    'src/io/pg.ts openPg',
    'src/monitor/run.ts startLoop',
    'src/store/store.ts createStore',
    'src/sync/queue.ts createQueue',
    'src/sync/stats.ts createSyncCounters',
    'src/sync/stream-lane.ts openStreamLane',
    'src/sync/worker.ts startWorker',
  ],
  sharedNames: ['bytes: '],
  names: [
    'components/layout.ts',
    'sql/doctor/',
    'sql/sync/',
    'src/actions/',
    'src/app/console.tsx',
    'src/backup/restore.ts',
    'src/commands/doctor.ts',
    'src/doctor/',
    'src/feed/',
    'src/monitor/statements.ts',
    'src/setup/migrate.ts',
    'src/sync/',
    'test/components/',
    'test/integration/',
    'test/unit/monitor-sync-figures.test.ts',
  ],
  unread: ['src/monitor: the rows of vacuum'],
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
    expect(beyond(upwardImports(sources, layers), KNOWN.imports)).toEqual([]);
    expect(parts.flatMap((part, i) => below[part]?.filter(lower => parts.indexOf(lower) >= i) ?? [])).toEqual([]);
  });

  it('has no files that import each other in a ring, in types and dynamic imports too', () => {
    expect(beyond(importRings(scripts), KNOWN.rings)).toEqual([]);
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
    expect(beyond(paths, KNOWN.signals)).toEqual([]);
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
      .filter(name => folders.has(name.split('/')[0]));
    expect({
      missing: asked.filter(name => !names.has(name)),
      unused: [...names].filter(name => !asked.includes(name)),
    }).toEqual({missing: [], unused: []});
  });

  it('keeps files and functions short enough to be read', () => {
    const limitOf = ({path, text}: TextFile): number | undefined => {
      if (/^components\/.*\.tsx?$/.test(path)) return 150;
      if (/^src\/.*\.tsx?$/.test(path)) return 250;
      // Migrations are append-only, and the scripts at the top of sql/ are run as a whole by psql.
      if (!/^sql\/(?!migrations\/).+\/.+\.sql$/.test(path)) return undefined;
      // A statement whose parts must have one effect says so in its head comment.
      return /^(?:--.*\n)*--.*\bone effect\b/i.test(text) ? 140 : 80;
    };
    expect(beyond(longFiles(files.map(withoutHead), limitOf), KNOWN.files)).toEqual([]);
    expect(beyond(longFunctions(sources, 60), KNOWN.functions)).toEqual([]);
  });

  it('gives one name to one thing', () => {
    expect(beyond(sharedNames(sources), KNOWN.sharedNames)).toEqual([]);
  });

  it('takes its names from the field', () => {
    const named = files.filter(
      ({path}) => /^(?:src|components|sql|test)\//.test(path) && !/^test\/fixtures\//.test(path),
    );
    const found = forbiddenNames(named, FORBIDDEN).filter(
      what => !ALLOWED_NAMES.some(name => what.endsWith(` ${name}`)),
    );
    expect(beyond(found, KNOWN.names)).toEqual([]);
  });

  it('reads what it declares: flags, settings, facts and samples', () => {
    const config = [...within('src/config'), ...sources.filter(({path}) => path === 'src/io/settings.ts')];
    const readersOf = (file: TextFile) => (file.path === 'src/commands/shared/command.ts' ? config : [file]);
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
      ...unreadFlags(within('src/commands'), readersOf),
      ...unread('src/config/config.ts', 'Config', 'config', sources),
      ...unread('src/model/state.ts', 'About', 'about', sources),
      ...samples.filter(id => !seen.has(id)).map(id => `src/monitor: the rows of ${id}`),
    ];
    expect(beyond(found, KNOWN.unread)).toEqual([]);
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
      /^(?:\.ci|\.gitignore|CHANGELOG\.md|LICENSE|README\.md|biome\.json|package(?:-lock)?\.json|tsconfig\.json|components|sql|src|test)(?:\/|$)/;
    expect(files.filter(({path}) => !allowed.test(path)).map(({path}) => path)).toEqual([]);
  });

  it('locks no registry’s host', () => {
    expect(textOf('package-lock.json')).not.toMatch(/"resolved":/);
  });
});

// The limit of a statement does not count its head comment.
const withoutHead = (file: TextFile): TextFile =>
  file.path.endsWith('.sql') ? {...file, text: file.text.replace(/^(?:--[^\n]*\n)+/, '')} : file;
