import type {StepReport} from './setup.ts';

const WIDTH = 110;

/** Reports a step: a line for each kind of object and result, and the names of objects that are not unchanged. */
export function stepLines({step, ms, did, warnings}: StepReport): readonly string[] {
  const groups = new Map<string, {readonly what: string; readonly result: string; readonly objects: string[]}>();
  for (const {what, object, result} of did) {
    const key = `${what}\n${result}`;
    const group = groups.get(key) ?? {what, result, objects: []};
    group.objects.push(object);
    groups.set(key, group);
  }
  const lines = [...groups.values()].flatMap(({what, result, objects}) => [
    `  ${what.padEnd(10)} ${String(objects.length).padStart(4)}  ${result}`,
    ...(result === 'already there' ? [] : wrapped(objects)),
  ]);
  return [`${step} (${ms} ms)`, ...lines, ...warnings.map(w => `  warning: ${w}`)];
}

function wrapped(names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const [i, whole] of names.entries()) {
    // Of a function with many parameters the name suffices.
    const name = whole.length > WIDTH - 10 ? whole.replace(/\(.*\)$/s, '(…)') : whole;
    const text = i < names.length - 1 ? `${name},` : name;
    const last = lines.at(-1);
    if (last !== undefined && last.length + text.length < WIDTH) lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(`      ${text}`);
  }
  return lines;
}
