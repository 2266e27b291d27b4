/**
 * Measures how fast the line to the terminal is, and how long it still carries what was sent. What lies between, a pty, SSH
 * and the network's queues, takes seconds' worth of a thin line at once, so that writing alone never tells.
 */
export type LineGauge = {
  /** So many bytes go out now. Gives what is to be sent after them: a question to the terminal, or nothing. */
  readonly sent: (bytes: number) => string;
  /** The terminal has said this; its answers are found in it. */
  readonly heard: (text: string) => void;
  /** So long the line still carries what was sent, in milliseconds. */
  readonly waitMs: () => number;
  /** Most bytes that are to be sent at once; Infinity: the line is not thin. */
  readonly room: () => number;
  /** A question to send alone, where the terminal owes an answer for long; else nothing. */
  readonly remind: () => string;
  /** Whether an answer is still to come. */
  readonly owed: () => boolean;
  /** Begins anew: what was asked before may have been answered to another program. */
  readonly forget: () => void;
};

/** DSR: every terminal that answers says that it is well, when it has shown what came before. */
const [QUESTION, ANSWER] = ['\x1b[5n', '\x1b[0n'];
/** A question is asked after so many bytes; on a thin line after as many as tell something. */
const ASK_BYTES = 1000;
/** Fewer bytes than these tell nothing of a line's speed. */
const TELLING_BYTES = 300;
/** A line is thin where it takes longer than this for what was sent, and slower than this many bytes a millisecond. */
const [THIN_MS, THIN_RATE] = [50, 200];
/** No line counts as slower than this; and where it took longer than this, it stood still, which tells no speed. */
const [LEAST_RATE, STOOD_MS] = [1, 10_000];
/** What is sent at once takes the line so long, in milliseconds: a key's answer waits no longer. */
const PIECE_MS = 100;
const LEAST_ROOM = 400;
/** Later than expected by this, in milliseconds, an answer is late: nothing more is sent until it comes. */
const LATE_MS = 300;
/** After so long without its answer, in milliseconds, a question is asked again, then after twice as long: the answer may be lost. */
const REMIND_MS = 2000;
/** A terminal that does not answer its first question within this is asked no more, in milliseconds. */
const SILENT_MS = 3000;
/** After a question was repeated, answers tell no time for so long, in milliseconds. */
const CONFUSED_MS = 5000;
/** The shortest trip is that of so many answers at least. */
const TRIPS = 64;
const MOST_ASKED = 4;
/** A trip or a rate of which nothing is known: the line counts as fast. */
const UNKNOWN = Number.POSITIVE_INFINITY;

type Question = {readonly at: number; readonly ahead: number};

/** A line of which nothing is known; `queued` are the bytes that it still carries at the time `at`, `since` those after the last question. */
const unknownLine = (at: number) => ({
  at,
  queued: 0,
  since: 0,
  rate: UNKNOWN,
  asked: [] as readonly Question[],
  trips: {young: UNKNOWN, old: UNKNOWN, count: 0},
  remindedAt: undefined as number | undefined,
  reminders: 0,
  confusedUntil: at,
});

type Line = ReturnType<typeof unknownLine>;

/** A gauge of a line. `now` gives milliseconds. */
export function createLineGauge(now: () => number = () => performance.now()): LineGauge {
  let line = unknownLine(now());
  let terminal: 'unknown' | 'answers' | 'silent' = 'unknown';
  let tail = '';
  const lateFor = (): number => {
    const [oldest] = line.asked;
    if (oldest === undefined || terminal !== 'answers') return 0;
    return now() - oldest.at - tripOf(line) - oldest.ahead / line.rate - LATE_MS;
  };
  const heardAnswer = (): void => {
    terminal = 'answers';
    line = answered(line, now());
  };
  return {
    sent: bytes => {
      line = carrying(line, bytes, now());
      const [oldest] = line.asked;
      if (terminal === 'unknown' && oldest !== undefined && now() - oldest.at > SILENT_MS) {
        terminal = 'silent';
        line = {...line, asked: []};
      }
      if (terminal === 'silent' || !worthAsking(line, now())) return '';
      line = asking(line, now());
      return QUESTION;
    },
    heard: text => {
      const all = tail + text;
      for (let i = all.indexOf(ANSWER); i >= 0; i = all.indexOf(ANSWER, i + 1)) heardAnswer();
      tail = all.slice(1 - ANSWER.length);
    },
    waitMs: () => (lateFor() > 0 ? LATE_MS : carried(line, now()) / line.rate),
    room: () => (line.rate === UNKNOWN ? UNKNOWN : Math.max(LEAST_ROOM, line.rate * PIECE_MS)),
    remind: () => {
      const {remindedAt, reminders} = line;
      if (lateFor() < REMIND_MS || (remindedAt !== undefined && now() - remindedAt < REMIND_MS * 2 ** reminders))
        return '';
      line = {...line, remindedAt: now(), reminders: reminders + 1};
      return QUESTION;
    },
    owed: () => terminal !== 'silent' && line.asked.length > 0,
    forget: () => {
      line = {...unknownLine(now()), rate: line.rate, trips: line.trips};
    },
  };
}

const tripOf = ({trips}: Line): number => Math.min(trips.young, trips.old);

const carried = ({queued, at, rate}: Line, now: number): number => Math.max(0, queued - (now - at) * rate);

const carrying = (line: Line, bytes: number, at: number): Line => ({
  ...line,
  at,
  queued: line.rate === UNKNOWN ? 0 : carried(line, at) + bytes,
  since: line.since + bytes,
});

const worthAsking = (line: Line, now: number): boolean =>
  now >= line.confusedUntil &&
  line.asked.length < MOST_ASKED &&
  (tripOf(line) === UNKNOWN
    ? line.asked.length === 0
    : line.since >= (line.rate === UNKNOWN ? ASK_BYTES : TELLING_BYTES));

const asking = (line: Line, at: number): Line => ({
  ...line,
  since: 0,
  asked: [...line.asked, {at, ahead: line.rate === UNKNOWN ? line.since : line.queued}],
});

/** The line as the answer to its oldest question shows it. Which question an answer is to is not known after a reminder. */
function answered(line: Line, now: number): Line {
  const [question, ...asked] = line.asked;
  if (question === undefined) return line;
  if (line.remindedAt !== undefined) {
    return {...line, asked: [], remindedAt: undefined, reminders: 0, confusedUntil: now + CONFUSED_MS};
  }
  const took = now - question.at;
  const trips = withTrip(line.trips, took);
  return {...line, asked, trips, rate: rateOf(line, question, took - Math.min(trips.young, trips.old))};
}

const withTrip = ({young, old, count}: Line['trips'], took: number): Line['trips'] =>
  count < TRIPS ? {young: Math.min(young, took), old, count: count + 1} : {young: took, old: young, count: 1};

/** The line's rate where it took so many milliseconds for what was ahead of a question. */
function rateOf({rate}: Line, {ahead}: Question, ms: number): number {
  if (ahead < TELLING_BYTES || ms > STOOD_MS) return rate;
  const seen = Math.max(LEAST_RATE, ahead / Math.max(1, ms));
  if (rate === UNKNOWN) return ms > THIN_MS && seen < THIN_RATE ? seen : UNKNOWN;
  const next = Math.min(rate * 2, Math.max(rate / 2, seen));
  return next < THIN_RATE ? next : UNKNOWN;
}
