import type {Micros} from '../core/time.ts';
import type {Alert} from '../model/state.ts';
import {type Edge, ruleOf} from './edges.ts';

/** An alert in a message: its last change, and what came before it in the same message. */
export type Entry = Edge & {
  /** How many changes there were, this one included. */
  readonly edges: number;
  /** It began, or became critical, within this message. */
  readonly began: boolean;
};

/** The alerts of one rule that found no place among the entries. */
export type Remainder = {
  readonly rule: string;
  readonly severity: Alert['severity'];
  readonly begun: number;
  readonly cleared: number;
  /** The text of the last one. */
  readonly text: string;
};

/** What one receiver is told at one time. */
export type Message = {
  /** Tells messages apart for ever; a receiver that gets one twice knows it by this. */
  readonly key: string;
  /** When it was begun. */
  readonly at: Micros;
  /** In the order in which the alerts came. */
  readonly entries: readonly Entry[];
  readonly rest: readonly Remainder[];
};

/** The most alerts that a message names. With more, those of the same rule are counted. */
const MOST_ENTRIES = 500;

/** The message with one more change in it. A critical alert takes the place of one that is not. */
export function withEdge(message: Message, edge: Edge): Message {
  const {entries} = message;
  const index = entries.findIndex(({alert}) => alert === edge.alert);
  const before = entries[index];
  if (before) return {...message, entries: entries.with(index, joined(before, edge))};
  const entry: Entry = {...edge, edges: 1, began: edge.kind !== 'cleared'};
  if (entries.length < MOST_ENTRIES) return {...message, entries: [...entries, entry]};
  const lesser = edge.severity === 'crit' ? entries.findIndex(({severity}) => severity !== 'crit') : -1;
  const displaced = entries[lesser];
  if (displaced === undefined) return {...message, rest: withRest(message.rest, entry)};
  return {...message, entries: entries.with(lesser, entry), rest: withRest(message.rest, displaced)};
}

const joined = (before: Entry, edge: Edge): Entry => ({
  ...before,
  ...edge,
  severity: before.severity === 'crit' ? 'crit' : edge.severity,
  edges: before.edges + 1,
  began: before.began || edge.kind !== 'cleared',
});

function withRest(rest: readonly Remainder[], {alert, severity, kind, began, text}: Entry): readonly Remainder[] {
  const rule = ruleOf(alert);
  const before = rest.find(one => one.rule === rule) ?? {rule, severity, begun: 0, cleared: 0};
  const grown: Remainder = {
    rule,
    severity: before.severity === 'crit' ? 'crit' : severity,
    begun: before.begun + (began ? 1 : 0),
    cleared: before.cleared + (kind === 'cleared' ? 1 : 0),
    text,
  };
  return [...rest.filter(one => one.rule !== rule), grown];
}

/** The severity of a message: that of its worst alert. One that has cleared counts with what it was. */
export const severityOf = ({entries, rest}: Message): Alert['severity'] =>
  [...entries, ...rest].some(({severity}) => severity === 'crit') ? 'crit' : 'warn';
