import type {Failure} from '../core/errors.ts';

/** Thrown by a poller that itself knows why it has no rows: a missing right or extension, with the exact remedy. */
export class SourceError extends Error {
  readonly failure: Failure;

  constructor(failure: Omit<Failure, 'retry'> & {readonly retry?: boolean}) {
    super(failure.message);
    this.name = 'SourceError';
    this.failure = {retry: false, ...failure};
  }
}

/**
 * Thrown where PostgreSQL hides other roles' sessions and statements: an empty pane would look like a quiet server.
 * `role`: our own, quoted as in SQL.
 */
export const blind = (role: string): SourceError =>
  new SourceError({
    why: 'denied',
    message: `role ${role} does not see what other roles do`,
    next: `Run as a superuser: GRANT pg_read_all_stats TO ${role};`,
  });
