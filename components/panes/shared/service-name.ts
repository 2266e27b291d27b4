/**
 * A service as the screen names it: without the prefix that all service roles share, and one of our own programs without
 * its role. Both would only take room.
 */
export const shownService = (service: string): string =>
  service.replace(/(^|: )svc_/, '$1').replace(/(^|: )tradetop_\w+\/(?=tradetop )/, '$1');
