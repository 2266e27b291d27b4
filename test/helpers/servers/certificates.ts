import {execFileSync} from 'node:child_process';
import {chownSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {makeServerDir} from '../../../src/demo/temp-dir.ts';
import {ownTempDir} from './servers.ts';

export type Certificates = {
  /** The files of a private authority, and of the certificate that it issued for 127.0.0.1. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Lines of redis.conf for a server that speaks TLS on that port and demands a certificate from its clients. */
  readonly lines: (port: number) => readonly string[];
};

/** Makes an authority and a certificate, in a directory that the servers' user can read. */
export async function makeCertificates(): Promise<Certificates> {
  const tempDir = await ownTempDir();
  const dir = await makeServerDir(tempDir, 'tls');
  const file = (name: string): string => join(dir, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, {cwd: dir, stdio: 'ignore'});
  };
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...fresh, '-days', '2', '-subj', '/CN=An authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  openssl('req', ...fresh, '-subj', '/CN=localhost', '-keyout', 'key.pem', '-out', 'request.pem');
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names', '-days', '2'];
  openssl('x509', '-req', ...signed, '-in', 'request.pem', '-out', 'cert.pem');
  const [ca, cert, key] = [file('ca.pem'), file('cert.pem'), file('key.pem')] as const;
  if (tempDir.user) for (const path of [ca, cert, key]) chownSync(path, tempDir.user.uid, tempDir.user.gid);
  return {
    ca,
    cert,
    key,
    lines: port => [
      `tls-port ${port}`,
      `tls-cert-file ${cert}`,
      `tls-key-file ${key}`,
      `tls-ca-cert-file ${ca}`,
      'tls-auth-clients yes',
    ],
  };
}
