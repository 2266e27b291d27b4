// A thread that publishes trades at a steady rate, each with its own id.
import {once} from 'node:events';
import {connect} from 'node:net';
import {parentPort, workerData} from 'node:worker_threads';
import {isoMicros, nowMicros} from '../../src/core/time.ts';
import {redisCommand, tradeText} from './synthetic-trades.ts';

/** The thread's workerData. */
export type Paced = {
  readonly port: number;
  readonly password: string | undefined;
  readonly rate: number;
  readonly seconds: number;
  readonly prefix: string;
};

/** The message that it posts at its end. */
export type PacedEnd = {readonly sent: number; readonly seconds: number};

const STEP_MS = 10;

// Writes Redis' protocol itself: at such a rate a client's bookkeeping takes half a core from the console.
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
    // Waits where Redis is slower, so that nothing piles up here.
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
