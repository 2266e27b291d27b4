import {waitFor} from '../helpers/servers/wait.ts';

/** What a running Node holds. */
type Held = {
  /** Bytes of live objects, after a collection. */
  readonly heap: number;
  /** Open sockets, timers, files and the like. */
  readonly handles: number;
  /** Listeners of the process and of its standard streams. */
  readonly listeners: number;
};

export type Inspector = {readonly held: () => Promise<Held>; readonly close: () => void};

const HELD = `JSON.stringify({
  handles: process.getActiveResourcesInfo().length,
  listeners: [process, process.stdin, process.stdout, process.stderr]
    .flatMap(of => of.eventNames().map(name => of.listenerCount(name)))
    .reduce((sum, n) => sum + n, 0),
})`;

/** Connects to the inspector of a Node that was started with --inspect on this port of 127.0.0.1. */
export async function openInspector(port: number): Promise<Inspector> {
  const address = await waitFor('the inspector', async () => {
    const list = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {webSocketDebuggerUrl: string}[];
    return list[0]?.webSocketDebuggerUrl;
  });
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error('the inspector refused')));
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', ({data}) => {
    const {id, result} = JSON.parse(String(data)) as {id?: number; result?: unknown};
    if (id === undefined) return;
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  let asked = 0;
  const ask = <T>(method: string, params: object = {}): Promise<T> =>
    new Promise(resolve => {
      const id = ++asked;
      waiting.set(id, result => resolve(result as T));
      socket.send(JSON.stringify({id, method, params}));
    });
  return {
    held: async () => {
      await ask('HeapProfiler.collectGarbage');
      const {usedSize} = await ask<{usedSize: number}>('Runtime.getHeapUsage');
      const {result} = await ask<{result: {value: string}}>('Runtime.evaluate', {expression: HELD});
      return {heap: usedSize, ...(JSON.parse(result.value) as Omit<Held, 'heap'>)};
    },
    close: () => socket.close(),
  };
}
