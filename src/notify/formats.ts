import {plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {isoMicros, type Micros} from '../core/time.ts';
import type {Entry, Message, Remainder} from './message.ts';
import {severityOf} from './message.ts';

/** Where the alerts come from, for people who watch several desks. */
export type Origin = {readonly environment: string; readonly database: string; readonly host: string};

const LONGEST_SUBJECT = 160;

const LEVEL = {warn: 'warning', crit: 'critical'} as const;

/** The severity as the tables of schema notification write it. */
export const levelOf = (message: Message): 'warning' | 'critical' => LEVEL[severityOf(message)];

/** What happened, in a word or two. */
function wordOf({kind, edges, began}: Entry): string {
  if (kind !== 'cleared') return edges > 2 ? `${kind} again` : kind;
  return began ? 'fired and cleared' : 'cleared';
}

/** The worst first: what stands before what has cleared, critical before warnings, and then as they came. */
function worstFirst(entries: readonly Entry[]): readonly Entry[] {
  const rank = ({kind, severity}: Entry): number => (kind === 'cleared' ? 2 : 0) + (severity === 'crit' ? 0 : 1);
  return entries.toSorted((a, b) => rank(a) - rank(b));
}

const restCount = (rest: readonly Remainder[]): number =>
  rest.reduce((sum, {begun, cleared}) => sum + begun + cleared, 0);

/** One line that tells the worst, and how much more there is. */
export function subjectOf({entries, rest}: Message, {environment}: Origin): string {
  const [first] = worstFirst(entries);
  const more = entries.length - 1 + restCount(rest);
  const what = first ? `${LEVEL[first.severity]} ${wordOf(first)}: ${first.text}` : 'nothing';
  const tail = more > 0 ? ` (and ${more} more)` : '';
  return `${sanitise(`[${environment}] ${what}`, LONGEST_SUBJECT - tail.length)}${tail}`;
}

/** The whole message as plain text of at most `limit` characters; what finds no place is counted. */
export function textOf(message: Message, origin: Origin, limit: number): string {
  const ordered = worstFirst(message.entries);
  const parts = [...ordered.map(entryText), ...message.rest.map(restText)];
  const foot = `-- tradetop, ${origin.environment}, ${origin.database} on ${origin.host}`;
  const room = limit - foot.length - 60;
  const shown: string[] = [];
  let length = 0;
  for (const part of parts) {
    length += part.length + 2;
    if (length > room) break;
    shown.push(part);
  }
  const left = parts.length - shown.length;
  const more = left > 0 ? [`… and ${plural(left, 'more entry', 'more entries')}: see tradetop alerts.`] : [];
  return [...shown, ...more, foot].join('\n\n');
}

/** To the second: `2026-11-26T11:34:00Z`. */
const secondOf = (at: Micros): string => `${isoMicros(at).slice(0, 19)}Z`;

function entryText(entry: Entry): string {
  const {severity, alert, text, cause, todo, owner, since, note} = entry;
  return [
    `${LEVEL[severity].toUpperCase()} ${wordOf(entry)}: ${text}`,
    `${alert}, since ${secondOf(since)}, for ${owner}`,
    ...(cause ? [`Cause: ${cause}`] : []),
    ...(todo ? [`To do: ${todo}`] : []),
    ...(note ? [note] : []),
  ].join('\n');
}

const restText = ({rule, severity, begun, cleared, text}: Remainder): string =>
  `${LEVEL[severity].toUpperCase()} ${rule}: ${begun} more fired, ${cleared} more cleared; the last: ${text}`;

/** What a webhook gets. Times are ISO 8601 in UTC. */
export const webhookJson = (message: Message, origin: Origin): string =>
  JSON.stringify({
    id: message.key,
    at: isoMicros(message.at),
    severity: levelOf(message),
    subject: subjectOf(message, origin),
    ...origin,
    alerts: message.entries.map(entry => ({
      id: entry.alert,
      change: entry.kind,
      changes: entry.edges,
      severity: LEVEL[entry.severity],
      text: entry.text,
      cause: entry.cause ?? null,
      owner: entry.owner,
      todo: entry.todo ?? null,
      since: isoMicros(entry.since),
      at: isoMicros(entry.at),
      note: entry.note ?? null,
    })),
    more: message.rest.map(({rule, severity, begun, cleared, text}) => ({
      rule,
      severity: LEVEL[severity],
      fired: begun,
      cleared,
      last: text,
    })),
  });
