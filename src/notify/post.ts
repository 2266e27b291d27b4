import {type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions} from 'node:http';
import {request as httpsRequest} from 'node:https';
import {failureOf} from '../core/errors.ts';
import {FORBIDDEN_ADDRESS, guardedLookup, isForbidden} from './guarded-lookup.ts';
import {masked, shownAddress} from './masked.ts';
import {failedFor, refusedFor, type SendOutcome} from './outcome.ts';

/** Bytes of an answer that are read. */
const MOST_BYTES = 2048;
const MOST_REDIRECTS = 3;

type Post = {
  /** Its path and query are secret. */
  readonly url: string;
  readonly json: string;
  /** Sent as Idempotency-Key: the same for each try of a message. */
  readonly key: string;
  /** For all of it together, redirects included. */
  readonly limitMs: number;
};

/**
 * Sends JSON by HTTP or HTTPS, with TLS verified whatever the environment says. Goes on to another address only where the
 * same host redirects with 307 or 308. Never rejects.
 */
export async function postJson({url, json, key, limitMs}: Post): Promise<SendOutcome> {
  const signal = AbortSignal.timeout(limitMs);
  const tell = (words: string) => masked(words, url);
  try {
    let at = new URL(url);
    for (let redirects = 0; ; redirects++) {
      const refused = refusalOf(at);
      if (refused) return refusedFor(refused);
      const answer = await ask(at, json, key, signal);
      const next = redirectOf(at, answer);
      if (next === undefined) return outcomeOf(answer, tell);
      if (next.host !== at.host || next.protocol !== at.protocol) {
        return refusedFor(tell(`redirects from ${shownAddress(at)} to ${shownAddress(next)}: nothing is sent there`));
      }
      if (redirects === MOST_REDIRECTS) return failedFor('redirects without end');
      at = next;
    }
  } catch (error) {
    const words = signal.aborted ? `no answer within ${limitMs / 1000} s` : failureOf(error).message;
    return failedFor(tell(words));
  }
}

function refusalOf({protocol, hostname}: URL): string | undefined {
  if (protocol !== 'http:' && protocol !== 'https:') return 'its address is neither http nor https';
  return isForbidden(hostname.replace(/^\[|\]$/g, '')) ? FORBIDDEN_ADDRESS : undefined;
}

type Answer = {readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: string};

function ask(url: URL, json: string, key: string, signal: AbortSignal): Promise<Answer> {
  const {promise, resolve, reject} = Promise.withResolvers<Answer>();
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
    'user-agent': 'tradetop',
    'idempotency-key': key,
  };
  const options: RequestOptions & {readonly rejectUnauthorized: true} = {
    method: 'POST',
    headers,
    agent: false,
    signal,
    lookup: guardedLookup,
    rejectUnauthorized: true,
  };
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const sent: ClientRequest = open(url, options, response => {
    let [body, bytes] = ['', 0];
    const done = (): void => {
      resolve({status: response.statusCode ?? 0, headers: response.headers, body});
      sent.destroy();
    };
    response.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
      bytes += chunk.length;
      if (bytes >= MOST_BYTES) done();
    });
    response.on('end', done);
    response.on('error', reject);
  });
  sent.on('error', reject);
  sent.end(json);
  return promise;
}

function redirectOf(at: URL, {status, headers}: Answer): URL | undefined {
  if ((status !== 307 && status !== 308) || headers.location === undefined) return undefined;
  return URL.parse(headers.location, at.href) ?? undefined;
}

/** Answers that another try may change, beside those of 500 and more. */
const TEMPORARY = [408, 425, 429];

function outcomeOf({status, headers, body}: Answer, tell: (words: string) => string): SendOutcome {
  const answer = tell(`HTTP ${status}${body.trim() === '' ? '' : `: ${body.trim()}`}`);
  if (status >= 200 && status < 300) return {ok: true, answer};
  const seconds = Number(headers['retry-after']);
  const asked = Number.isFinite(seconds) && seconds > 0 ? {retryAfterMs: seconds * 1000} : {};
  return {ok: false, answer, permanent: status < 500 && !TEMPORARY.includes(status), ...asked};
}
