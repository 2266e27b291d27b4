import {lookup} from 'node:dns';
import {BlockList, isIP, type LookupFunction} from 'node:net';

/** Addresses that no receiver has: a cloud's metadata service answers there. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');

export const FORBIDDEN_ADDRESS = 'its address is link-local, where no receiver is';

/** Whether nothing is sent to this address. A name is none: `guardedLookup` sees what it stands for. */
export function isForbidden(address: string): boolean {
  const family = isIP(address);
  return family > 0 && FORBIDDEN.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Node's lookup of a host's addresses, which fails where one of them is forbidden. */
export const guardedLookup: LookupFunction = (host, options, done) => {
  lookup(host, {...options, all: true}, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) done(error ?? new Error('the host has no address'), '', 0);
    else if (addresses.some(({address}) => isForbidden(address))) done(new Error(FORBIDDEN_ADDRESS), '', 0);
    else if (options.all) done(null, addresses);
    else done(null, first.address, first.family);
  });
};
