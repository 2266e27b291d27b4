import {userInfo} from 'node:os';

/** The operating system's name of who runs this: `alice`, or `uid 1000` for a user id without a name, as in containers. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
