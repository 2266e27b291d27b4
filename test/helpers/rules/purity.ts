import type {TextFile} from './files.ts';
import {importsOf} from './imports.ts';
import {isNode, nameOf, nodesOf, type SyntaxNode} from './syntax.ts';

const GLOBALS = /^(?:process|console|globalThis|performance|fetch|setTimeout|setInterval|setImmediate|queueMicrotask)$/;

/** What a file touches beyond its arguments: Node's modules, the process, timers, the clock and chance. */
export const impurities = (files: readonly TextFile[]): readonly string[] =>
  files.flatMap(file => {
    const modules = importsOf(file).filter(({specifier}) => specifier.startsWith('node:'));
    const found = [...modules.map(({specifier}) => specifier), ...nodesOf(file).flatMap(outerUse)];
    return [...new Set(found)].map(use => `${file.path} uses ${use}`);
  });

function outerUse(node: SyntaxNode): readonly string[] {
  const name = nameOf(node.property);
  if (node.type === 'MemberExpression' && isNode(node.object)) {
    const whole = `${nameOf(node.object)}.${name}`;
    if (/^(?:Date\.now|Math\.random)$/.test(whole)) return [whole];
    return GLOBALS.test(nameOf(node.object) ?? '') ? [nameOf(node.object) as string] : [];
  }
  const called = nameOf(node.callee) ?? '';
  if (node.type === 'NewExpression' && called === 'Date' && (node.arguments as readonly unknown[]).length === 0) {
    return ['new Date()'];
  }
  return node.type === 'CallExpression' && GLOBALS.test(called) ? [called] : [];
}
