/** One of the symbols that the simulated desk trades. Prices are of no particular day. */
type Instrument = {readonly symbol: string; readonly price: number; readonly volatility: number};

const instrument = (symbol: string, price: number, volatility = 1): Instrument => ({symbol, price, volatility});

export const INSTRUMENTS: readonly Instrument[] = [
  instrument('AAPL', 187.12),
  instrument('MSFT', 402.55, 0.9),
  instrument('NVDA', 881.01, 2.1),
  instrument('AMZN', 178.22, 1.2),
  instrument('GOOGL', 141.8, 1.1),
  instrument('META', 484.03, 1.3),
  instrument('TSLA', 202.64, 2.4),
  instrument('AVGO', 1308.72, 1.6),
  instrument('JPM', 183.99, 0.8),
  instrument('BAC', 34.07, 0.9),
  instrument('GS', 389.6, 0.9),
  instrument('V', 276.96, 0.7),
  instrument('MA', 460.2, 0.7),
  instrument('UNH', 521.31, 0.8),
  instrument('JNJ', 158.38, 0.5),
  instrument('PFE', 27.6, 1),
  instrument('LLY', 760.25, 1.2),
  instrument('XOM', 103.84, 0.8),
  instrument('CVX', 154.45, 0.8),
  instrument('KO', 59.94, 0.4),
  instrument('PEP', 168.73, 0.5),
  instrument('WMT', 60.12, 0.6),
  instrument('COST', 723.5, 0.7),
  instrument('HD', 363.72, 0.8),
  instrument('CAT', 318.9, 0.9),
  instrument('BA', 203.89, 1.3),
  instrument('DIS', 107.68, 1),
  instrument('NFLX', 583.95, 1.4),
  instrument('SPY', 500.98, 0.4),
  instrument('QQQ', 432.21, 0.6),
];

export const SYMBOLS: readonly string[] = INSTRUMENTS.map(({symbol}) => symbol);

export const ACCOUNTS = ['ACC-01', 'ACC-02', 'ACC-03', 'ACC-04', 'ACC-05', 'ACC-06', 'ACC-07', 'ACC-08'] as const;

export const STRATEGIES: readonly {readonly name: string; readonly description: string}[] = [
  {name: 'momentum', description: 'Buys what rose over the last hour, sells what stopped rising.'},
  {name: 'meanrev', description: 'Buys below the day’s average price, sells above it.'},
  {name: 'breakout', description: 'Stop orders above the range of the last day.'},
  {name: 'pairs', description: 'Two symbols of one industry against each other, long side only.'},
  {name: 'vwap', description: 'Works large orders at the volume-weighted average price.'},
  {name: 'rebalance', description: 'Brings accounts back to their target weights.'},
];
