import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {backUp} from '../backup/backup.ts';
import {checkBackup} from '../backup/check.ts';
import type {Manifest} from '../backup/manifest.ts';
import type {Config} from '../config/config.ts';
import {UserError} from '../core/errors.ts';
import {bytes, duration} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {osUser} from '../io/os-user.ts';
import {packageVersion} from '../io/package-dir.ts';
import {openPg} from '../io/pg.ts';
import {interruptible} from '../io/signals.ts';
import {loadSql, type SqlLibrary} from '../io/sql.ts';
import type {PgTarget} from '../io/targets.ts';
import type {CheckResult} from '../verify/check.ts';
import {readChecks} from '../verify/read-checks.ts';
import {CHECK_SETTINGS, runChecks} from '../verify/run.ts';
import {checkLines, checksExitCode, checksSummary, summaryLine} from './shared/check-report.ts';
import {defineCommand} from './shared/command.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const say = (line: string): void => void process.stderr.write(`  ${sanitise(line)}\n`);

/** `tradetop backup`: creates a backup, or checks one by restoring it. */
export const backupCommand = defineCommand({
  name: 'backup',
  summary: 'backs both databases up, or checks a backup by restoring it',
  details: [
    'Runs pg_dump, which must be no older than the server (from the PATH or PG_BINDIR). The backup is a directory that gets',
    'its name when it is complete: both databases, the roles, a manifest, and a checksum of every file.',
    'A checksum is not a signature: it shows damage, not who created the backup.',
    '--encrypt-to encrypts both databases and the roles on their way to the disk: with age for a public key (age1…, ssh-ed25519 …),',
    'else with gpg for a key of its keyring, by address or whole fingerprint. The manifest, which names databases and roles, stays',
    'readable. restore and --check decrypt by themselves; age needs --identity for that.',
    '--check restores it into scratch databases on the server, runs the data checks there and drops them again. Alone it',
    'creates a backup for that purpose and removes it; with --to it keeps that backup, with --from it checks an existing one.',
  ].join('\n'),
  flags: {
    to: {type: 'string', value: 'DIR', help: 'the directory to create'},
    check: {type: 'boolean', help: 'restore it into scratch databases and run the data checks'},
    from: {type: 'string', value: 'DIR', help: 'the backup to check'},
    encryptTo: {type: 'string', value: 'RECIPIENT', help: 'encrypt it for this key, with age or gpg'},
    identity: {type: 'string', value: 'FILE', help: '--check: age’s private key, for a backup that age encrypted'},
    jobs: {type: 'number', value: 'N', help: 'parallel connections (2); an encrypted backup takes one'},
    rolePasswords: {type: 'boolean', help: 'include the password verifiers of the roles; needs a superuser'},
    json: {type: 'boolean', help: 'one JSON document'},
  },
  run: async ({flags, config: read}) => {
    const {to, from, check = false, json = false, rolePasswords = false} = flags;
    if (to !== undefined && from !== undefined) throw new UserError('Give --to or --from, not both.');
    if (from !== undefined && flags.encryptTo !== undefined)
      throw new UserError('--encrypt-to is for a new backup: leave --from out.');
    if (from !== undefined && !check) throw new UserError('--from needs --check.', 'To restore: tradetop restore');
    if (to === undefined && !check) throw new UserError('--to is needed.', 'tradetop backup --to DIR');
    const jobs = jobsOf(flags.jobs);
    const encryption = flags.encryptTo === undefined ? {} : {encryptTo: flags.encryptTo};
    const config = read();
    if (check && config.readOnly) {
      throw new UserError(
        'This configuration is read-only, and a check creates scratch databases.',
        'Check it on another server (--host), or use --no-read-only.',
      );
    }
    const sql = loadSql();
    return interruptible(async signal => {
      const began = performance.now();
      const scratch =
        to === undefined && from === undefined ? await mkdtemp(join(tmpdir(), 'tradetop-backup-')) : undefined;
      try {
        const directory = from ?? to ?? join(scratch as string, 'backup');
        const targets = {trading: config.trading, prefect: config.prefect};
        const version = packageVersion();
        const made =
          from === undefined
            ? await backUp({
                to: directory,
                targets,
                sql,
                version,
                user: osUser(),
                jobs,
                rolePasswords,
                ...encryption,
                signal,
                say,
              })
            : undefined;
        for (const warning of made?.warnings ?? []) say(warning);
        const checked = check
          ? await proved({directory, config, sql, jobs, identity: flags.identity, signal})
          : undefined;
        const manifest = (made ?? checked)?.manifest as Manifest;
        const ms = Math.round(performance.now() - began);
        if (json) print(document(scratch ? undefined : directory, manifest, ms, made?.warnings ?? [], checked?.checks));
        else words(scratch ? undefined : directory, manifest, ms, checked?.checks, config.ascii);
        return checksExitCode(checksSummary(checked?.checks ?? []));
      } finally {
        if (scratch !== undefined) await rm(scratch, {recursive: true, force: true});
      }
    });
  },
});

/** Reads `--jobs`. */
export function jobsOf(jobs: number | undefined): number {
  if (jobs === undefined) return 2;
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64)
    throw new UserError('--jobs must be a whole number from 1 to 64.');
  return jobs;
}

type Proving = {
  readonly directory: string;
  readonly config: Config;
  readonly sql: SqlLibrary;
  readonly jobs: number;
  readonly identity: string | undefined;
  readonly signal: AbortSignal;
};

function proved({directory, config, sql, jobs, identity, signal}: Proving): ReturnType<typeof checkBackup> {
  const check = async (restored: PgTarget): Promise<readonly CheckResult[]> => {
    const pg = openPg(restored, sql, {
      name: 'tradetop backup',
      max: 1,
      statementMs: 600_000,
      lockMs: 2000,
      reads: 'as monitor',
      settings: CHECK_SETTINGS,
    });
    try {
      return await runChecks(pg, readChecks(sql), {only: ['data'], full: true, signal});
    } finally {
      await pg.close();
    }
  };
  return checkBackup({from: directory, server: config.trading, sql, jobs, identity, signal, say, check});
}

const sizeOf = ({files}: Manifest): number => files.reduce((all, file) => all + file.bytes, 0);

function words(
  directory: string | undefined,
  manifest: Manifest,
  ms: number,
  checks: readonly CheckResult[] | undefined,
  ascii: boolean,
): void {
  const names = manifest.databases.map(d => `${sanitise(d.name)} (${bytes(d.bytes)} on the server)`).join(', ');
  for (const result of (checks ?? []).filter(c => c.status !== 'pass')) print(checkLines(result, ascii).join('\n'));
  if (checks)
    print(
      `Restored from it: ${manifest.databases.length} databases. Data checks: ${summaryLine(checksSummary(checks))}.`,
    );
  const where = directory === undefined ? 'created for the check, and removed' : sanitise(directory);
  print(`${names}, roles: ${manifest.files.length} files, ${bytes(sizeOf(manifest))}, ${duration(ms)}: ${where}`);
}

function document(
  directory: string | undefined,
  manifest: Manifest,
  ms: number,
  warnings: readonly string[],
  checks: readonly CheckResult[] | undefined,
): string {
  const {startedAt, finishedAt, databases, files} = manifest;
  const whole = {
    directory: directory ?? null,
    started_at: startedAt,
    finished_at: finishedAt,
    ms,
    bytes: sizeOf(manifest),
    files: files.length,
    databases: databases.map(d => ({
      part: d.part,
      name: d.name,
      server_version: d.serverVersion,
      bytes: d.bytes,
      migration: d.migration ?? null,
    })),
    warnings,
    ...(checks ? {summary: checksSummary(checks), checks} : {}),
  };
  return JSON.stringify(whole, null, 2);
}
