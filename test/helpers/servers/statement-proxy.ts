import {type AddressInfo, connect, createServer, type Socket} from 'node:net';

/**
 * The fate of a statement. `before`: it never reaches the server; `after`: the server has executed it, its answer never
 * arrives.
 */
export type Fate = 'pass' | 'before' | 'after';

export type StatementProxy = {
  readonly port: number;
  /**
   * Sets the function that decides on every statement of every connection, in order; `application` is the
   * application_name.
   */
  readonly decide: (decide: (application: string, sql: string) => Fate) => void;
  readonly close: () => Promise<void>;
};

/**
 * Starts a proxy in front of PostgreSQL that knows where one statement ends and the next begins, and calls `strike` at
 * exactly one of these points. What is in transit then is lost, as when the client's machine dies.
 */
export async function startStatementProxy(
  target: {readonly host: string; readonly port: number},
  strike: () => void,
): Promise<StatementProxy> {
  let decide: (application: string, sql: string) => Fate = () => 'pass';
  const sockets = new Set<Socket>();
  const listener = createServer(client => {
    const server = connect(target);
    let application: string | undefined;
    let [dead, waiting] = [false, false];
    const end = (): void => {
      dead = true;
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    const fromClient = messages(true, (type, body, whole) => {
      if (dead) return;
      // The rest of an extended query follows its Parse; the answer goes nowhere.
      if (waiting) return void server.write(whole);
      if (type === '') application = parameter(body, 'application_name');
      const sql = type === 'Q' ? text(body, 0) : type === 'P' ? text(body, body.indexOf(0) + 1) : undefined;
      const fate = sql === undefined ? 'pass' : decide(application ?? '', sql);
      if (fate === 'before') {
        dead = true;
        return strike();
      }
      waiting = fate === 'after';
      server.write(whole);
    });
    const fromServer = messages(false, type => {
      if (!waiting || dead || type !== 'Z') return;
      dead = true;
      strike();
    });
    client.on('data', fromClient);
    server.on('data', data => {
      fromServer(data);
      if (!waiting && !dead) client.write(data);
    });
  });
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    decide: next => {
      decide = next;
    },
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        listener.close(() => resolve());
      }),
  };
}

const text = (body: Buffer, from: number): string => body.toString('utf8', from, body.indexOf(0, from));

function parameter(startup: Buffer, name: string): string | undefined {
  const parts = startup.toString('utf8', 4).split('\0');
  return parts[parts.indexOf(name) + 1];
}

/** Splits a stream into PostgreSQL's messages: a type byte and a length; the client's first message has no type. */
function messages(startup: boolean, take: (type: string, body: Buffer, whole: Buffer) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let first = startup;
  return data => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const head = first ? 0 : 1;
      if (rest.length < head + 4) return;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return;
      const whole = rest.subarray(0, length);
      rest = rest.subarray(length);
      take(first ? '' : whole.toString('latin1', 0, 1), whole.subarray(head + 4), whole);
      first = false;
    }
  };
}
