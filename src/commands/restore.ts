import {PARTS} from '../backup/manifest.ts';
import {restore} from '../backup/restore.ts';
import {UserError} from '../core/errors.ts';
import {duration} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {interruptible} from '../io/signals.ts';
import {loadSql} from '../io/sql.ts';
import {inDatabase, pgName} from '../io/targets.ts';
import {jobsOf} from './backup.ts';
import {defineCommand} from './shared/command.ts';

/** `tradetop restore`: restores a backup into a new database. */
export const restoreCommand = defineCommand({
  name: 'restore',
  summary: 'restores a backup into a new database',
  details: [
    'Compares every file with its checksum first, then restores into a database with another name, and renames it last: a',
    'database that exists is never touched, and one that is half restored never has the final name.',
    'The roles that the backup names must exist: tradetop setup --only roles, or roles.sql of the backup.',
  ].join('\n'),
  flags: {
    from: {type: 'string', value: 'DIR', help: 'the directory that tradetop backup created'},
    into: {type: 'string', value: 'NAME', help: 'the database to create'},
    part: {type: 'string', value: 'PART', help: 'trading (default) or prefect'},
    identity: {
      type: 'string',
      value: 'FILE',
      help: 'age’s private key, for a backup that age encrypted; gpg has its keyring',
    },
    jobs: {type: 'number', value: 'N', help: 'parallel connections (2); an encrypted backup takes one'},
  },
  run: async ({flags, config: read}) => {
    const {from, into} = flags;
    if (from === undefined || into === undefined) {
      throw new UserError('--from and --into are needed.', 'tradetop restore --from DIR --into NAME');
    }
    const part = PARTS.find(p => p === (flags.part ?? 'trading'));
    if (!part) throw new UserError(`--part is ${sanitise(flags.part ?? '')}; it must be one of ${PARTS.join(', ')}.`);
    const jobs = jobsOf(flags.jobs);
    const {trading: server, readOnly} = read();
    if (readOnly) throw new UserError('This configuration is read-only.', 'To create a database, use --no-read-only.');
    return interruptible(async signal => {
      const began = performance.now();
      const say = (line: string): void => void process.stderr.write(`  ${sanitise(line)}\n`);
      const manifest = await restore({
        from,
        into,
        part,
        server,
        sql: loadSql(),
        jobs,
        identity: flags.identity,
        signal,
        say,
      });
      const saved = manifest.databases.find(d => d.part === part);
      process.stdout.write(
        `${sanitise(saved?.name ?? part)} of ${manifest.startedAt} is restored: ${pgName(inDatabase(server, into))}, ` +
          `${duration(performance.now() - began)}\n`,
      );
      return 0;
    });
  },
});
