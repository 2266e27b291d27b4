import {statSync} from 'node:fs';
import {Redis} from 'ioredis';
import pg from 'pg';
import {startPostgres} from '../../../src/demo/postgres.ts';
import {startRedis} from '../../../src/demo/redis.ts';
import {makePlace, removeDir} from '../../../src/demo/temp-dir.ts';
import {leftOf} from '../desk/demo-probe.ts';

// A program for tests that start it as another user: starts both servers, asks each one thing, ends them, and prints what it saw.
const place = await makePlace('tradetop-both-');
const [postgres, redis] = await Promise.all([startPostgres({place}), startRedis({place})]);
const {host, port, user, password} = postgres;
const client = new pg.Client({host, port, user, password, database: 'postgres', ssl: false});
await client.connect();
const {rows} = await client.query('SELECT current_user AS superuser');
await client.end();
const commands = new Redis(redis.url);
const pong = await commands.ping();
commands.disconnect();
const [{uid}, mode] = [statSync(`${place.dir}/pg/data`), (statSync(place.dir).mode & 0o777).toString(8)];
await Promise.all([postgres.stop(), redis.stop()]);
await removeDir(place.dir);
process.stdout.write(JSON.stringify({uid, mode, rows, pong, left: await leftOf(place.dir)}));
