import {dirname, join} from 'node:path/posix';
import type {TextFile} from './files.ts';
import {isNode, nameOf, nodesOf} from './syntax.ts';

/** One import, re-export, dynamic `import()` or type `import('…')`. */
export type Import = {
  /** As it is written. */
  readonly specifier: string;
  /** The file's path from the top of the repository; for a package, its specifier. */
  readonly target: string;
  readonly relative: boolean;
};

/** Everything that a file imports: values and types, at its start or when it runs. */
export const importsOf = (file: TextFile): readonly Import[] =>
  nodesOf(file).flatMap(node => {
    if (!/^(?:Import(?:Declaration|Expression)|Export(?:Named|All)Declaration|TSImportType)$/.test(node.type))
      return [];
    const specifier =
      nameOf(node.source) ?? nameOf(isNode(node.argument) ? (node.argument.literal ?? node.argument) : 0);
    if (specifier === undefined) return [];
    const relative = specifier.startsWith('.');
    return [{specifier, relative, target: relative ? join(dirname(file.path), specifier) : specifier}];
  });

/** The part of the program that a file belongs to: a folder of src, a file beside those folders, or components. */
export function layerOf(path: string): string {
  const [top = '', second = '', third] = path.split('/');
  if (top !== 'src') return top;
  return third === undefined ? second.replace(/\.tsx?$/, '') : second;
}

/** The parts that each part may import, in values and in types. */
export type Layers = Readonly<Record<string, readonly string[]>>;

/** Imports that lead to a part which `layers` does not allow; a part may always import its own files. */
export const upwardImports = (files: readonly TextFile[], layers: Layers): readonly string[] =>
  files.flatMap(file => {
    const layer = layerOf(file.path);
    const allowed = [layer, ...(layers[layer] ?? [])];
    return importsOf(file)
      .filter(({relative, target}) => relative && !allowed.includes(layerOf(target)))
      .map(({target}) => `${file.path} imports ${target}`);
  });

/** Differences between `layers` and the files: a part without a row, and a row without a part. */
export function unlistedLayers(files: readonly TextFile[], layers: Layers): readonly string[] {
  const found = new Set(files.map(file => layerOf(file.path)));
  return [
    ...[...found].filter(layer => !Object.hasOwn(layers, layer)).map(layer => `${layer} is not in the table of layers`),
    ...Object.keys(layers)
      .filter(layer => !found.has(layer))
      .map(layer => `${layer} has no file`),
  ];
}

/** The files that import each other in a ring, each ring sorted: `a.ts, b.ts`. Every kind of import counts. */
export function importRings(files: readonly TextFile[]): readonly string[] {
  const graph = new Map(files.map(file => [file.path, importsOf(file).map(({target}) => target)]));
  const reach = (from: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const ahead = [...(graph.get(from) ?? [])];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      ahead.push(...(graph.get(next) ?? []));
    }
    return seen;
  };
  const reached = new Map([...graph.keys()].map(path => [path, reach(path)]));
  const ringOf = (path: string): readonly string[] =>
    [...graph.keys()].filter(other => reached.get(path)?.has(other) && reached.get(other)?.has(path)).sort();
  const rings = [...graph.keys()].filter(path => reached.get(path)?.has(path)).map(path => ringOf(path).join(', '));
  return [...new Set(rings)].sort();
}
