import {once} from 'node:events';
import {connect, type Socket} from 'node:net';
import {failureOf} from '../../core/errors.ts';
import {subjectOf, textOf} from '../formats.ts';
import {FORBIDDEN_ADDRESS, guardedLookup, isForbidden} from '../guarded-lookup.ts';
import {masked, urlDecoded} from '../masked.ts';
import type {Message} from '../message.ts';
import {failedFor, refusedFor, type SendOutcome} from '../outcome.ts';
import type {Receiver} from '../receiver.ts';
import {type Channel, type SendOptions, setSecret} from './channel.ts';

const LONGEST = 200_000;
const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

type Mail = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, and not by STARTTLS. */
  readonly secure: boolean;
  readonly auth: {readonly user: string; readonly pass: string} | undefined;
  readonly from: string;
  readonly to: readonly string[];
};

/**
 * E-mail by SMTP. The secret is the server's address with the login, `smtps://USER:PASSWORD@HOST?from=ADDRESS`; `target`
 * has the addresses, with commas between. A password is sent by TLS only.
 */
export const emailChannel: Channel = {
  problem: receiver => {
    const mail = mailOf(receiver);
    return typeof mail === 'string' ? mail : undefined;
  },
  send: async (receiver, message, {origin, limitMs}) => {
    const mail = mailOf(receiver);
    if (typeof mail === 'string') return refusedFor(mail);
    const wires: Socket[] = [];
    const {promise: late, resolve: give} = Promise.withResolvers<SendOutcome>();
    const timer = setTimeout(() => give(failedFor(`no answer within ${limitMs / 1000} s`)), limitMs);
    const sent = post(mail, {message, origin, limitMs}, wire => wires.push(wire))
      .then((response): SendOutcome => ({ok: true, answer: masked(response, receiver.secret())}))
      .catch((error: unknown) => outcomeOfError(error, receiver.secret()));
    const outcome = await Promise.race([sent, late]);
    clearTimeout(timer);
    for (const wire of wires) wire.destroy();
    return outcome;
  },
};

type Posting = SendOptions & {readonly message: Message};

/** Sends the mail and gives the server's answer. `opened` gets the connection, which stays the caller's to close. */
async function post(
  {host, port, secure, auth, from, to}: Mail,
  {message, origin, limitMs}: Posting,
  opened: (wire: Socket) => void,
): Promise<string> {
  if (isForbidden(host)) throw new Error(FORBIDDEN_ADDRESS);
  const connection = connect({host, port, lookup: guardedLookup});
  opened(connection);
  connection.on('error', () => {});
  await once(connection, 'connect');
  const {createTransport} = await import('nodemailer');
  const transport = createTransport({
    host,
    port,
    secure,
    connection,
    ...(auth ? {auth, requireTLS: true} : {}),
    tls: {rejectUnauthorized: true},
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const {response} = await transport.sendMail({
    from,
    to: [...to],
    subject: subjectOf(message, origin),
    text: textOf(message, origin, LONGEST),
    messageId: `<${message.key}@tradetop>`,
  });
  return String(response);
}

/** How to reach the server and whom, or what is wrong with the configuration. */
function mailOf(receiver: Receiver): Mail | string {
  const address = receiver.secret();
  const form = 'smtps://USER:PASSWORD@HOST?from=ADDRESS';
  if (address === undefined) return setSecret(receiver, `the mail server’s address, ${form}`);
  const url = URL.parse(address);
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    return `its secret is no mail server’s address such as ${form}`;
  }
  const [user, pass] = [urlDecoded(url.username), urlDecoded(url.password)];
  const from = url.searchParams.get('from') ?? user;
  if (!ADDRESS.test(from)) return `its secret names no sender: ${form}`;
  const to = (receiver.target ?? '').split(',').map(one => one.trim());
  if (!to.every(one => ADDRESS.test(one))) return 'its target is no list of e-mail addresses';
  const secure = url.protocol === 'smtps:';
  const port = Number(url.port) || (secure ? 465 : 587);
  const auth = user === '' && pass === '' ? undefined : {user, pass};
  return {host: url.hostname.replace(/^\[|\]$/g, ''), port, secure, auth, from, to};
}

/** 5xx of SMTP, and a login that is refused, stay so until somebody changes something. */
function outcomeOfError(error: unknown, secret: string | undefined): SendOutcome {
  const {responseCode, code} = error as {readonly responseCode?: number; readonly code?: string};
  const permanent = (responseCode !== undefined && responseCode >= 500) || code === 'EAUTH';
  return {ok: false, answer: masked(failureOf(error).message, secret), permanent};
}
