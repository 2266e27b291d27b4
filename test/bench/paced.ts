// A thread that publishes trades at a constant rate, each with an id of its own.
import {once} from 'node:events';
import {connect} from 'node:net';
import {parentPort, workerData} from 'node:worker_threads';
import {isoMicros, nowMicros} from '../../src/core/time.ts';
import {redisCommand, tradeText} from './made-trades.ts';

/** The thread's input. */
export type Paced = {
  readonly port: number;
  readonly password: string | undefined;
  readonly rate: number;
  readonly seconds: number;
  readonly prefix: string;
};

/** The thread's result. */
export type PacedEnd = {readonly sent: number; readonly seconds: number};

const STEP_MS = 10;

// Redis' protocol directly: a client's bookkeeping would take half a core at such a rate from the console.
async function publish({port, password, rate, seconds, prefix}: Paced): Promise<PacedEnd> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.resume();
  if (password !== undefined) socket.write(redisCommand('AUTH', password));
  const [total, start] = [rate * seconds, performance.now()];
  let sent = 0;
  for (; sent < total; ) {
    const due = Math.min(Math.floor(((performance.now() - start) * rate) / 1000), total);
    const at = isoMicros(nowMicros()).slice(0, -1);
    let text = '';
    for (; sent < due; sent++) text += redisCommand('PUBLISH', 'data_sync:trades', tradeText(prefix, sent, at));
    // Waits for Redis instead of buffering.
    if (text !== '' && !socket.write(text, 'latin1')) await once(socket, 'drain');
    await new Promise(resolve => setTimeout(resolve, STEP_MS));
  }
  const took = (performance.now() - start) / 1000;
  socket.end();
  await once(socket, 'close');
  return {sent, seconds: took};
}

const end = await publish(workerData as Paced);
parentPort?.postMessage(end);
