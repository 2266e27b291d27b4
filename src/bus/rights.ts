import {CHANNEL_PREFIX} from './decode.ts';
import {STREAM} from './streams.ts';

/** What a Redis user needs to hear the bus, in the words of ACL SETUSER. */
export const BUS_RIGHTS = `&${CHANNEL_PREFIX}* +subscribe +psubscribe +ping +role +client|info +client|setname`;

/** What it needs beside that in a Cluster; SSUBSCRIBE is not known before Redis 7. */
export const BUS_RIGHTS_IN_CLUSTER = '+cluster|slots +ssubscribe';

/** What it needs to take events from the stream. */
export const STREAM_RIGHTS = [
  `~${STREAM} +xgroup|create +xreadgroup +xack +xautoclaim +xpending +xinfo|stream +xinfo|groups +xtrim +xlen`,
  '+multi +exec +info +ping +client|setname',
].join(' ');

/** What it needs beside that in a Cluster. */
export const STREAM_RIGHTS_IN_CLUSTER = '+cluster|slots +cluster|info';
