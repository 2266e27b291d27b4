import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir, userInfo} from 'node:os';
import {join} from 'node:path';
import {freePort} from '../../../src/demo/process.ts';
import {waitFor} from './wait.ts';

const SSHD = '/usr/sbin/sshd';

/** Whether this machine has OpenSSH's server and client. */
export const hasSshd: boolean = existsSync(SSHD) && existsSync('/usr/bin/ssh');

/** An SSH server on 127.0.0.1 for whoever runs the test, with keys of its own. */
export type Sshd = {
  /** Runs what follows it on the server, on a terminal and with the variables of the client. */
  readonly command: readonly string[];
  readonly stop: () => Promise<void>;
};

export async function startSshd(): Promise<Sshd> {
  const dir = mkdtempSync(join(tmpdir(), 'tradetop-sshd-'));
  const [host, user] = ['host', 'user'].map(name => join(dir, name)) as [string, string];
  for (const key of [host, user]) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const port = await freePort();
  // It separates its privileges in this directory, which Debian makes when the service starts.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', {recursive: true});
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${host}`,
    `AuthorizedKeysFile ${user}.pub`,
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'AcceptEnv *',
  ];
  writeFileSync(join(dir, 'sshd_config'), config.join('\n'));
  const server = spawn(SSHD, ['-D', '-e', '-f', join(dir, 'sshd_config')], {stdio: ['ignore', 'ignore', 'pipe']});
  let said = '';
  server.stderr.on('data', data => {
    said += data;
  });
  await waitFor('sshd to listen', () => {
    if (server.exitCode !== null) throw new Error(said);
    return said.includes('Server listening');
  });
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'SendEnv=*', 'LogLevel=ERROR'];
  const place = ['-F', '/dev/null', '-i', user, '-p', String(port), ...options.flatMap(option => ['-o', option])];
  return {
    command: ['ssh', '-tt', ...place, `${userInfo().username}@127.0.0.1`],
    stop: async () => {
      const gone = once(server, 'exit');
      server.kill();
      await gone;
      rmSync(dir, {recursive: true, force: true});
    },
  };
}
