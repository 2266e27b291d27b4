import type pg from 'pg';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {PostgresServer} from '../../../src/demo/postgres.ts';
import type {Pg} from '../../../src/io/pg.ts';
import {countersPoller} from '../../../src/monitor/counters.ts';
import {horizonsPoller} from '../../../src/monitor/horizons.ts';
import {replicationPoller} from '../../../src/monitor/replication.ts';
import {settingsPoller} from '../../../src/monitor/settings.ts';
import {targetOf} from '../../helpers/desk/desk.ts';
import {ownPostgres} from '../../helpers/servers/servers.ts';
import {startStandby} from '../../helpers/servers/standby.ts';
import {waitFor} from '../../helpers/servers/wait.ts';
import {failureIn, monitorPool, readerOf, session} from '../../helpers/state/polls.ts';

let server: PostgresServer;
let admin: pg.Client;
let trading: Pg;

beforeAll(async () => {
  const settings = {wal_level: 'logical', max_prepared_transactions: '5', archive_mode: 'on', archive_command: 'false'};
  server = await ownPostgres({settings});
  const at = {...server, database: 'postgres'};
  admin = await session(targetOf(at), 'psql');
  trading = monitorPool(targetOf(at));
});
afterAll(async () => {
  await Promise.all([trading?.close(), admin?.end()]);
  await server?.stop();
});

describe('the figures of a server', () => {
  it('count WAL, checkpoints by request, temporary files and what cannot be archived', async () => {
    const read = readerOf(countersPoller, {trading});
    const [before] = (await read()).counters;
    expect(before).toMatchObject({
      perSecond: undefined,
      archiveMode: 'on',
      maxConnections: 100,
      reservedConnections: 6,
    });
    await admin.query('CREATE TABLE public.filled AS SELECT i, md5(i::text) FROM generate_series(1, 60000) AS i');
    await admin.query('CHECKPOINT');
    await admin.query(`SET work_mem = '64kB'`);
    await admin.query('SELECT count(*) FROM (SELECT * FROM public.filled ORDER BY md5) AS sorted');
    await admin.query('SELECT pg_switch_wal()');
    await admin.query('SELECT pg_stat_force_next_flush()');
    const after = await waitFor('the counters', async () => {
      const {counters, io} = await read();
      const [row] = counters;
      const {recent} = row ?? {};
      const counted = recent !== undefined && recent.tempBytes > 0 && recent.checkpointsRequested > 0;
      return counted && row !== undefined && row.archiveFailures > 0 && {row, io};
    });
    expect(after.row.recent?.walBytes).toBeGreaterThan(1e6);
    expect(after.row.lastArchiveFailureAt).toBeDefined();
    expect(after.row.connections).toBeGreaterThanOrEqual(2);
    const client = after.io.find(({backend}) => backend === 'client backend');
    if (server.majorVersion >= 16) expect(client?.extends).toBeGreaterThan(0);
    else expect(after.io).toEqual([]);
  });

  it('name a slot that nobody reads, with what is kept for it', async () => {
    const read = readerOf(replicationPoller, {trading});
    expect(await read()).toEqual({receivers: [], slots: []});
    await admin.query(`SELECT pg_create_physical_replication_slot('abandoned', true)`);
    await admin.query('INSERT INTO public.filled SELECT i, md5(i::text) FROM generate_series(1, 20000) AS i');
    const {slots} = await read();
    expect(slots).toMatchObject([{name: 'abandoned', type: 'physical', active: false, invalidated: undefined}]);
    expect(slots[0]?.keptBytes).toBeGreaterThan(1e6);
    await admin.query(`SELECT pg_drop_replication_slot('abandoned')`);
  });

  it('name what holds the xmin horizon: a session, a prepared transaction, a slot', async () => {
    const read = async () => (await readerOf(horizonsPoller, {trading})()).horizons;
    await admin.query(`SELECT pg_create_logical_replication_slot('decoding', 'pgoutput')`);
    const holder = await session(targetOf({...server, database: 'postgres'}), 'nightly report');
    await admin.query(`BEGIN; INSERT INTO public.filled VALUES (0, ''); PREPARE TRANSACTION 'transfer-1'`);
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM public.filled');
    for (const i of [1, 2, 3]) await admin.query('INSERT INTO public.filled VALUES ($1, $2)', [i, '']);
    const rows = await read();
    const held = (kind: string) => rows.find(row => row.kind === kind);
    expect(held('replication slot')).toMatchObject({label: 'decoding', state: 'not used'});
    expect(held('prepared transaction')).toMatchObject({label: 'transfer-1', database: 'postgres'});
    expect(held('session')).toMatchObject({
      service: 'postgres/nightly report',
      state: 'idle in transaction',
    });
    expect(held('prepared transaction')?.xids).toBeGreaterThanOrEqual(4);
    await admin.query(`ROLLBACK PREPARED 'transfer-1'`);
    await holder.end();
    await admin.query(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`);
    await admin.query('CREATE ROLE plain LOGIN PASSWORD $$p$$');
    const restricted = monitorPool(targetOf({...server, database: 'postgres'}, 'plain', 'p'));
    expect(await failureIn(readerOf(horizonsPoller, {trading: restricted})())).toMatchObject({why: 'denied'});
    await restricted.close();
  });

  it('show the settings that wait for a restart first', async () => {
    await admin.query('ALTER SYSTEM SET max_connections = 120');
    await admin.query('SELECT pg_reload_conf()');
    const settings = await waitFor('the setting', async () => {
      const all = (await readerOf(settingsPoller, {trading})()).settings;
      return all[0]?.pendingRestart === true && all;
    });
    expect(settings[0]).toMatchObject({name: 'max_connections', value: '100', pendingRestart: true});
    expect(settings.find(({name}) => name === 'wal_level')).toMatchObject({value: 'logical', shipped: 'replica'});
    expect(settings.filter(({name}) => /conninfo|command|pass/.test(name))).toEqual([]);
    await admin.query('ALTER SYSTEM RESET max_connections');
  });

  it('are those of a standby as well, which says how far it is behind', async () => {
    const standby = await startStandby(server);
    const at = {...server, port: standby.port, database: 'postgres'};
    const there = monitorPool(targetOf(at));
    try {
      const primary = (await readerOf(replicationPoller, {trading})()).receivers;
      expect(primary).toMatchObject([{kind: 'standby', state: 'streaming', client: '127.0.0.1'}]);
      const self = await waitFor('it to have replayed all', async () => {
        const [row] = (await readerOf(replicationPoller, {trading: there})()).receivers;
        return row?.lagBytes === 0 && row;
      });
      expect(self).toMatchObject({kind: 'self', state: 'streaming', replaySeconds: 0});
      const {counters} = await readerOf(countersPoller, {trading: there})();
      expect(counters[0]?.maxConnections).toBe(100);
      expect((await readerOf(horizonsPoller, {trading: there})()).horizons).toEqual([]);
    } finally {
      await there.close();
      await standby.stop();
      await admin.query('ALTER SYSTEM RESET synchronous_standby_names');
      await admin.query('SELECT pg_reload_conf()');
    }
  });
});
