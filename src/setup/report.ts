import {isIP} from 'node:net';
import type {PgTarget} from '../io/targets.ts';
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

/**
 * The command that points Prefect to its database. The shell inserts its own PREFECT_DB_PASSWORD (percent-encoded if it
 * has characters other than letters and digits).
 */
export function prefectLine(server: PgTarget, prefect: {readonly database: string; readonly owner: string}): string {
  const socket = server.host.startsWith('/');
  const host = socket ? '' : isIP(server.host) === 6 ? `[${server.host}]` : server.host;
  const query = socket ? `?host=${encodeURIComponent(server.host)}` : '';
  const user = encodeURIComponent(prefect.owner);
  const database = encodeURIComponent(prefect.database);
  const url = `postgresql+asyncpg://${user}:\${PREFECT_DB_PASSWORD}@${host}:${server.port}/${database}${query}`;
  return `prefect config set PREFECT_API_DATABASE_CONNECTION_URL="${url}"`;
}
