/** The incidents that a demo's console can begin and end from its palette. */
export type Incidents = {
  readonly names: readonly {readonly name: string; readonly does: string}[];
  /** Begins an incident, or ends it where it goes on. */
  readonly toggle: (name: string) => void;
  /** Sets who hears, in a sentence, that one has begun, ended or failed. */
  readonly onChange: (listener: (text: string) => void) => void;
};
