// A thread that publishes trades at a steady rate, each with an identity of its own.
import {once} from 'node:events';
import {connect} from 'node:net';
import {parentPort, workerData} from 'node:worker_threads';
import {isoMicros, nowMicros} from '../../src/core/time.ts';

/** What the thread is given. */
export type Paced = {
  readonly port: number;
  readonly password: string | undefined;
  readonly rate: number;
  readonly seconds: number;
  readonly prefix: string;
};

/** What it says at its end. */
export type PacedEnd = {readonly sent: number; readonly seconds: number};

const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'GOOG', 'META', 'TSLA', 'AMD'];
const STEP_MS = 10;

// Redis's protocol by hand: a client's bookkeeping takes half a core at such a rate, which the console then lacks.
async function publish({port, password, rate, seconds, prefix}: Paced): Promise<PacedEnd> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.resume();
  if (password !== undefined) socket.write(command('AUTH', password));
  const [total, start] = [rate * seconds, performance.now()];
  let sent = 0;
  for (; sent < total; ) {
    const due = Math.min(Math.floor(((performance.now() - start) * rate) / 1000), total);
    const at = isoMicros(nowMicros()).slice(0, -1);
    let text = '';
    for (; sent < due; sent++) text += command('PUBLISH', 'data_sync:trades', message(prefix, sent, at));
    // What Redis cannot take is not piled up here.
    if (text !== '' && !socket.write(text, 'latin1')) await once(socket, 'drain');
    await new Promise(resolve => setTimeout(resolve, STEP_MS));
  }
  const took = (performance.now() - start) / 1000;
  socket.end();
  await once(socket, 'close');
  return {sent, seconds: took};
}

const command = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map(word => `$${word.length}\r\n${word}\r\n`).join('')}`;

// As Python's json.dumps writes it.
function message(prefix: string, i: number, at: string): string {
  const id = `${prefix}${i}`;
  return (
    `{"type": "trade_executed", "service": "execution", "data": {"trade_id": "${id}", "order_id": "O-${i}", ` +
    `"account_id": "ACC-0${i % 8}", "symbol": "${SYMBOLS[i % SYMBOLS.length]}", "side": "${i % 2 ? 'buy' : 'sell'}", ` +
    `"quantity": ${1 + (i % 500)}.0, "price": ${100 + (i % 97)}.25, "commission": 0.5, "executed_at": "${at}", ` +
    `"strategy": "momentum"}, "timestamp": "${at}", "correlation_id": "${id}"}`
  );
}

const end = await publish(workerData as Paced);
parentPort?.postMessage(end);
