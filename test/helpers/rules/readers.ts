import type {TextFile} from './files.ts';
import {isNode, nameOf, nodesOf, type SyntaxNode} from './syntax.ts';

/**
 * The names that are read of an object which is called `owner` wherever it goes: `flags.json`, `call.flags.json`,
 * `const {json} = flags`, `({flags: {json}}) => …`.
 */
export function readsOf(files: readonly TextFile[], owner: string): ReadonlySet<string> {
  const names = files.flatMap(nodesOf).flatMap(node => readBy(node, owner));
  return new Set(names.filter(name => name !== undefined));
}

function readBy(node: SyntaxNode, owner: string): readonly (string | undefined)[] {
  const calls = (value: unknown): boolean =>
    isNode(value) && nameOf(value.type === 'MemberExpression' ? value.property : value) === owner;
  if (node.type === 'MemberExpression' && calls(node.object)) return [nameOf(node.property)];
  if (node.type === 'VariableDeclarator' && calls(node.init)) return keysOf(node.id);
  if (node.type === 'Property' && nameOf(node.key) === owner) return keysOf(node.value);
  return [];
}

/** The keys that a pattern takes out of an object; none for anything but a pattern. */
const keysOf = (pattern: unknown): readonly (string | undefined)[] => {
  const inner = isNode(pattern) && pattern.type === 'AssignmentPattern' ? pattern.left : pattern;
  if (!isNode(inner) || inner.type !== 'ObjectPattern') return [];
  return (inner.properties as readonly SyntaxNode[]).map(({key}) => nameOf(key));
};

/** The flags that a file declares: keys whose value is an object with `type` and `help`. */
export const flagsOf = (file: TextFile): readonly string[] =>
  nodesOf(file).flatMap(node => {
    if (node.type !== 'Property' || !isNode(node.value) || node.value.type !== 'ObjectExpression') return [];
    const keys = (node.value.properties as readonly SyntaxNode[]).map(({key}) => nameOf(key));
    const name = nameOf(node.key);
    return name !== undefined && keys.includes('type') && keys.includes('help') ? [name] : [];
  });

/** Flags that a command declares and no reader of that command uses. `readersOf` names the files that may read them. */
export const unreadFlags = (files: readonly TextFile[], readersOf: (file: TextFile) => readonly TextFile[]) =>
  files.flatMap(file => {
    const read = readsOf(readersOf(file), 'flags');
    return flagsOf(file)
      .filter(flag => !read.has(flag))
      .map(flag => `${file.path}: --${flag}`);
  });

/** The fields of an object type that a file declares by `name`. */
export const fieldsOf = (file: TextFile, name: string): readonly string[] =>
  nodesOf(file).flatMap(node => {
    if (node.type !== 'TSTypeAliasDeclaration' || nameOf(node.id) !== name || !isNode(node.typeAnnotation)) return [];
    const members = (node.typeAnnotation.members ?? []) as readonly SyntaxNode[];
    return members.map(({key}) => nameOf(key)).filter(key => key !== undefined);
  });
