import {makeIncidentFolder, noReport, writeIncidentFolder} from '../app/incident-folder.ts';
import {readReport} from '../app/reporter.ts';
import {withStateOnce} from '../app/state-once.ts';
import {packageVersion} from '../io/package-dir.ts';
import {loadSql} from '../io/sql.ts';
import {defineCommand} from './shared/command.ts';

/** `tradetop incident`: everything that is known now, in a private folder. */
export const incidentCommand = defineCommand({
  name: 'incident',
  summary: 'writes a private folder with every pane, alerts, the hand-over, versions and settings; no secrets',
  details: [
    'Reads every source once, as snapshot does, and the hand-over of the last eight hours, as report --since 8h does. Key i in',
    'the console writes the same with the past hour of all numbers. Only you can enter the folder. Passwords, keys and tokens',
    'are left out, and of statements everything from their first value in quotes on.',
  ].join('\n'),
  flags: {
    out: {
      type: 'string',
      value: 'DIR',
      help: 'the folder, new or empty (default: a new one in $XDG_STATE_HOME/tradetop)',
    },
  },
  run: async ({flags, config}) => {
    const settings = config();
    const dir = makeIncidentFolder(flags.out);
    const report = await readReport(settings, loadSql()).catch(noReport);
    await withStateOnce(settings, {name: 'tradetop incident', wait: true}, state =>
      writeIncidentFolder(dir, {config: settings, state, report, version: packageVersion()}),
    );
    process.stdout.write(`${dir}\n`);
    return 0;
  },
});
