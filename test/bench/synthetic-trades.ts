// Synthetic trades: the message and the row of a number describe the same trade.
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'GOOG', 'META', 'TSLA', 'AMD'];
const buys = (i: number): boolean => Math.floor(i / 8) % 2 === 0;

/** The message of trade `i`, as Python's json.dumps writes it. `at`: its time without a zone, as utcnow() gives it. */
export function tradeText(prefix: string, i: number, at: string): string {
  const id = `${prefix}${i}`;
  return (
    `{"type": "trade_executed", "service": "execution", "data": {"trade_id": "${id}", "account_id": "ACC-0${i % 8}", ` +
    `"symbol": "${SYMBOLS[(i * 7) % SYMBOLS.length]}", "side": "${buys(i) ? 'buy' : 'sell'}", ` +
    `"quantity": ${1 + (i % 500)}.0, "price": ${100 + (i % 97)}.25, "commission": 0.5, "executed_at": "${at}", ` +
    `"strategy": "momentum", "trade_type": "${buys(i) ? 'opening' : 'closing'}"}, "timestamp": "${at}", ` +
    `"correlation_id": "${id}"}`
  );
}

/** Inserts the rows of trades $2 to $3, with the prefix $1, executed at $4. */
export const TRADE_ROWS = `
  INSERT INTO execution.trades (trade_id, account_id, symbol, quantity, price, commission, executed_at, strategy, trade_type)
  SELECT $1::text || i, 'ACC-0' || i % 8, ('{${SYMBOLS.join()}}'::text[])[(i * 7) % ${SYMBOLS.length} + 1],
         1 + i % 500, 100.25 + i % 97, 0.5, $4::timestamptz, 'momentum',
         CASE WHEN (i / 8) % 2 = 0 THEN 'opening' ELSE 'closing' END
    FROM generate_series($2::bigint, $3::bigint) AS i`;

/** A command in Redis' protocol. The words must be ASCII. */
export const redisCommand = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map(word => `$${word.length}\r\n${word}\r\n`).join('')}`;
