import Table from 'cli-table3';
import {UserError} from '../core/errors.ts';
import {duration} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {readTraceFacts, TRACE_PG} from '../trace/read.ts';
import type {Trace} from '../trace/step.ts';
import {LATE_MS, traceOf} from '../trace/trace.ts';
import {isWhole, timeText, traceJson, verdictOf} from '../trace/words.ts';
import {defineCommand} from './shared/command.ts';
import {readOnce} from './shared/read-once.ts';
import {wholeNumber} from './shared/run-action.ts';

const MOST_LATE_MS = 86_400_000;

/** `tradetop trace`: the life of an order or trade from its signal to the books. */
export const traceCommand = defineCommand({
  name: 'trace',
  summary: 'follows an order or trade from its signal to the books, and names the step that is missing or late',
  args: 'ID',
  words: [1, 1],
  details: [
    'ID is that of an order, a trade or a signal, or a correlation id. Shows, in order of time: signal, order, recorded steps',
    'of its life, fills, event, ledger, portfolio and metrics, restatements, log lines of the same correlation id, and what',
    'operators did, with the lag of each after the step that it came of. Trades of closed months are found in the archives.',
    'Risk events, notifications and quarantine of the same ids are in it, and those risk events of the account in that time.',
    'The event says when it was published and received, and its entry of the stream or position of the WAL; a trade without',
    'one says which repair or sweep found it. The worker is named where only one ran then.',
    'Exit code 0 where nothing is missing, late or denied, 1 where something is, 2 where nothing is known of ID.',
  ].join('\n'),
  flags: {
    late: {type: 'number', value: 'MS', help: `a step that took longer is late, in milliseconds (${LATE_MS})`},
    json: {type: 'boolean', help: 'one JSON document'},
  },
  run: async ({input: [id = ''], flags, config}) => {
    const lateMs = wholeNumber('late', flags.late ?? LATE_MS, 1, MOST_LATE_MS);
    const facts = await readOnce(config(), 'tradetop trace', pg => readTraceFacts(pg, id), TRACE_PG);
    const trace = traceOf(facts, lateMs);
    if (trace === undefined) {
      throw new UserError(
        `Nothing is known of ${sanitise(id, 100)}.`,
        'Name an order, a trade or a signal by its id, or a correlation id.',
      );
    }
    process.stdout.write(`${flags.json ? traceJson(trace) : textOf(trace)}\n`);
    return isWhole(trace) ? 0 : 1;
  },
});

function textOf(trace: Trace): string {
  const table = new Table({head: ['time (UTC)', 'lag', 'step', 'state', 'what'], style: {head: [], border: []}});
  for (const step of trace.steps) {
    const lag = step.lagMs === undefined ? '' : duration(step.lagMs);
    table.push([timeText(step), lag, step.step, step.state === 'done' ? '' : step.state, wrapped(step.text)]);
  }
  return `${table}\n${verdictOf(trace)}`;
}

/** A text in lines of a width that a terminal has room for beside the other columns. */
function wrapped(text: string, width = 80): string {
  const lines: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const cut = rest.length <= width ? rest.length : Math.max(rest.lastIndexOf(' ', width), 0) || width;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return lines.join('\n');
}
