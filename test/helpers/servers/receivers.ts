import {once} from 'node:events';
import {createServer as createHttp, type IncomingMessage, type RequestListener, type Server} from 'node:http';
import {createServer as createHttps} from 'node:https';
import {type AddressInfo, createServer as createTcp, type Socket, type Server as TcpServer} from 'node:net';

/** A request that came to a receiver. */
type Received = {readonly path: string; readonly key: string; readonly text: string};

export type HttpReceiver = {
  /** Its address, with a path that nobody else knows. */
  readonly url: string;
  readonly received: readonly Received[];
  /** What it answers from now on: a status, a redirect, or nothing ever. */
  readonly answer: (how: number | 'never' | {readonly location: string; readonly status: number}) => void;
  readonly close: () => Promise<void>;
};

/** Starts a webhook on 127.0.0.1 that keeps what it gets. `tls`: its certificate and key. */
export async function httpReceiver(tls?: {readonly cert: Buffer; readonly key: Buffer}): Promise<HttpReceiver> {
  const received: Received[] = [];
  let how: number | 'never' | {readonly location: string; readonly status: number} = 200;
  const handle: RequestListener = async (request, response) => {
    const text = await textOf(request);
    received.push({path: request.url ?? '', key: String(request.headers['idempotency-key']), text});
    if (how === 'never') return;
    if (typeof how === 'number') response.writeHead(how).end(how === 200 ? 'ok' : `no such hook: ${request.url}`);
    else response.writeHead(how.status, {location: how.location}).end();
  };
  const server = tls ? createHttps(tls, handle) : createHttp(handle);
  const port = await listening(server);
  return {
    url: `http${tls ? 's' : ''}://127.0.0.1:${port}/services/very-secret-token`,
    received,
    answer: next => {
      how = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise(done => server.close(done));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function listening(server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export type SmtpReceiver = {
  readonly port: number;
  /** The mails that were taken, with their headers. */
  readonly mails: readonly string[];
  readonly close: () => Promise<void>;
};

/** Starts a mail server on 127.0.0.1 without TLS, which takes everything. It asks for no login, and refuses each. */
export async function smtpReceiver(): Promise<SmtpReceiver> {
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcp(socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    converse(socket, mail => mails.push(mail));
  });
  const port = await listening(server);
  return {
    port,
    mails,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise(done => server.close(done));
    },
  };
}

function converse(socket: Socket, take: (mail: string) => void): void {
  let [buffer, inData] = ['', false];
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  const command = (line: string): void => {
    if (/^EHLO/i.test(line)) say('250-mail.test\r\n250 AUTH PLAIN LOGIN');
    else if (/^STARTTLS/i.test(line)) say('502 no TLS here');
    else if (/^AUTH/i.test(line)) say('535 5.7.8 no such login');
    else if (/^DATA/i.test(line)) {
      inData = true;
      say('354 go on');
    } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
    else say('250 ok');
  };
  socket.on('data', data => {
    buffer += data.toString('utf8');
    for (;;) {
      const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const part = buffer.slice(0, end);
      buffer = buffer.slice(end + (inData ? 5 : 2));
      if (!inData) {
        command(part);
        continue;
      }
      inData = false;
      take(part);
      say('250 taken');
    }
  });
  say('220 mail.test');
}
