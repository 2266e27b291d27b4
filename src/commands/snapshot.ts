import {PANES} from '../../components/panes/index.ts';
import {printSnapshot} from '../app/print-snapshot.ts';
import {UserError} from '../core/errors.ts';
import {unknownWord} from '../core/nearest.ts';
import {defineCommand} from './shared/command.ts';

/** `tradetop snapshot`: one reading of everything that the console shows, as tables, JSON or CSV. */
export const snapshotCommand = defineCommand({
  name: 'snapshot',
  summary: 'one reading of everything the console shows, as tables, JSON or CSV',
  details:
    'Reads every source once (what has rates twice, a second apart) and listens to the bus meanwhile.\n' +
    'Exit 0: every pane asked for has its rows; 1: one has not; 2: nothing could be read.',
  flags: {
    pane: {type: 'string', value: 'ID', help: `only this pane: ${PANES.map(pane => pane.id).join(', ')}`},
    json: {type: 'boolean', help: 'one JSON document'},
    csv: {type: 'boolean', help: 'all rows and columns of one pane as CSV, with --pane'},
    cached: {
      type: 'boolean',
      help: 'last marks, portfolios and the market’s hours may come from the cache in Redis, up to 5 s (hours: 60 s) old',
    },
    rows: {type: 'number', value: 'N', help: 'at most N rows a pane in tables (20); JSON has all'},
  },
  run: ({config, flags}) => {
    const {pane, rows, json = false, csv = false, cached = false} = flags;
    if (pane !== undefined && !PANES.some(p => p.id === pane)) {
      throw unknownWord(
        'pane',
        pane,
        PANES.map(p => p.id),
      );
    }
    if (csv && json) throw new UserError('--csv and --json exclude each other.', 'Leave one out.');
    if (csv && pane === undefined) {
      throw new UserError('CSV has the columns of one pane.', `Name it: --pane ${PANES.map(p => p.id).join(', ')}.`);
    }
    return printSnapshot(config(), {
      cached,
      format: csv ? 'csv' : json ? 'json' : 'tables',
      ...(pane === undefined ? {} : {pane}),
      ...(rows === undefined ? {} : {rows}),
    });
  },
});
