import {access, open} from 'node:fs/promises';
import {resolve} from 'node:path';
import {childEnv} from '../core/env.ts';
import {UserError} from '../core/errors.ts';
import {sanitise} from '../core/sanitise.ts';
import {type Program, runPrograms} from './programs.ts';

/** The programs that can encrypt a backup; their names are also the endings of the files. */
export const CIPHERS = ['age', 'gpg'] as const;
export type Cipher = (typeof CIPHERS)[number];

/** For whom a backup is encrypted. */
export type Encryption = {readonly cipher: Cipher; readonly recipient: string};

const AGE = /^(?:age1[a-z0-9]+|ssh-(?:ed25519|rsa) \S+.*)$/;
const FINGERPRINT = /^(?:0x)?(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/**
 * The encryption for a recipient: age's public key (`age1…`, `ssh-ed25519 …`), or a key of gpg's keyring, by fingerprint or
 * address. Encrypts nothing to try it. Throws a UserError where the program is missing, or refuses the recipient.
 */
export async function encryptionFor(recipient: string, signal: AbortSignal): Promise<Encryption> {
  const cipher: Cipher = AGE.test(recipient) ? 'age' : 'gpg';
  const encryption = {cipher, recipient};
  await installed(cipher, signal, 'encrypts for this recipient');
  await runPrograms([encrypting(encryption)], signal);
  return encryption;
}

/** The program that encrypts what it reads. A gpg key counts that is trusted, or is named by its whole fingerprint. */
export function encrypting({cipher, recipient}: Encryption, output?: number): Program {
  const trust = FINGERPRINT.test(recipient) ? ['--trust-model', 'always'] : [];
  const args =
    cipher === 'age'
      ? ['--encrypt', '--recipient', recipient]
      : ['--batch', '--no-tty', '--compress-algo', 'none', ...trust, '--recipient', recipient, '--encrypt'];
  return {
    ...program(cipher, args, 'Name a key that it has and trusts, or gpg’s by its whole fingerprint.'),
    ...(output === undefined ? {} : {output}),
  };
}

/** Opens an encrypted file for `work`, which gets the program that decrypts it. `identity`: the file of age's private key. */
export async function decrypting<T>(
  {cipher, path, identity}: {readonly cipher: Cipher; readonly path: string; readonly identity: string | undefined},
  work: (decrypt: Program) => Promise<T>,
): Promise<T> {
  const args =
    cipher === 'age' ? ['--decrypt', '--identity', resolve(identity ?? '')] : ['--batch', '--quiet', '--decrypt'];
  const file = await open(path, 'r');
  try {
    return await work({
      ...program(cipher, args, 'Decrypt with the private key of the recipient that backup --encrypt-to named.'),
      input: file.fd,
    });
  } finally {
    await file.close();
  }
}

/** Throws a UserError where an encrypted backup cannot be read here: the program or the key is missing. `path`: one of its files. */
export async function refuseUnreadable(
  cipher: Cipher,
  path: string,
  identity: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  await installed(cipher, signal, 'encrypted this backup');
  if (cipher === 'age' && identity === undefined) {
    throw new UserError('This backup is encrypted with age.', 'Name the file of its private key: --identity FILE');
  }
  if (cipher === 'age') {
    await access(resolve(identity ?? '')).catch(({code}: NodeJS.ErrnoException) => {
      throw new UserError(`Cannot read ${sanitise(identity ?? '')} (${code}).`, 'Check the path and its permissions.');
    });
  }
  await decrypting({cipher, path, identity}, decrypt => runPrograms([decrypt], signal));
}

async function installed(cipher: Cipher, signal: AbortSignal, does: string): Promise<void> {
  const missing = () =>
    new UserError(
      `${cipher} ${does}, and it is not on the PATH.`,
      cipher === 'age' ? 'Install age (Debian, Ubuntu, Fedora, macOS: package age).' : 'Install GnuPG (package gnupg).',
    );
  await runPrograms([{...program(cipher, ['--version'], ''), failed: missing}], signal);
}

// gpg finds its keyring by GNUPGHOME, and asks for a passphrase by the agent.
const program = (command: Cipher, args: readonly string[], next: string): Program => ({
  command,
  args,
  env: {...childEnv(process.env), GNUPGHOME: process.env.GNUPGHOME, GPG_TTY: process.env.GPG_TTY},
  failed: (ended, said) => {
    const lines = said.split('\n').filter(line => line.trim() !== '');
    const what = lines.length > 0 ? lines.slice(-3).map(line => sanitise(line, 300)) : [ended];
    return new UserError(`${command} failed: ${what.join(' | ')}`, next);
  },
});
