import {statSync} from 'node:fs';
import {Redis} from 'ioredis';
import pg from 'pg';
import {startPostgres} from '../../../src/demo/postgres.ts';
import {startRedis} from '../../../src/demo/redis.ts';
import {makeTempDir, removeDir} from '../../../src/demo/temp-dir.ts';
import {leftOf} from '../desk/demo-probe.ts';

// A program that tests start as another user: it starts both servers, queries each, stops them, and prints the results.
const tempDir = await makeTempDir('tradetop-both-');
const [postgres, redis] = await Promise.all([startPostgres({tempDir}), startRedis({tempDir})]);
const {host, port, user, password} = postgres;
const client = new pg.Client({host, port, user, password, database: 'postgres', ssl: false});
await client.connect();
const {rows} = await client.query('SELECT current_user AS superuser');
await client.end();
const commands = new Redis(redis.url);
const pong = await commands.ping();
commands.disconnect();
const [{uid}, mode] = [statSync(`${tempDir.dir}/pg/data`), (statSync(tempDir.dir).mode & 0o777).toString(8)];
await Promise.all([postgres.stop(), redis.stop()]);
await removeDir(tempDir.dir);
process.stdout.write(JSON.stringify({uid, mode, rows, pong, left: await leftOf(tempDir.dir)}));
