import {CHANNEL_PREFIX} from './decode.ts';
import {SHARDS_KEY, STREAM} from './streams.ts';

/** The rights that a Redis user needs to subscribe to the bus, as ACL SETUSER writes them. */
export const BUS_RIGHTS = `&${CHANNEL_PREFIX}* +subscribe +psubscribe +ping +role +client|info +client|setname`;

/** Further rights in a Cluster; SSUBSCRIBE does not exist before Redis 7. */
export const BUS_RIGHTS_IN_CLUSTER = '+cluster|slots +ssubscribe';

/** The rights that it needs to read the stream. */
export const STREAM_RIGHTS = [
  `~${STREAM}* ~${SHARDS_KEY} +xgroup|create +xreadgroup +xack +xautoclaim +xpending +xinfo|stream +xinfo|groups +xtrim +xlen`,
  '+get +set +getex +del +multi +exec +info +ping +client|setname',
].join(' ');

/** Further rights in a Cluster. */
export const STREAM_RIGHTS_IN_CLUSTER = '+cluster|slots +cluster|info';

/** Further rights to publish metrics on the bus and to use the cache, for services and for `sync`. @internal */
export const METRIC_RIGHTS = `&${CHANNEL_PREFIX}* ~tradetop:cache:* +publish +get +set +del +eval +info +ping +client|setname`;
