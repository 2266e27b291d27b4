import {randomUUID} from 'node:crypto';
import Table from 'cli-table3';
import type {Config} from '../config/config.ts';
import {roleTarget} from '../config/role-target.ts';
import type {Env} from '../core/env.ts';
import {failureOf, UserError} from '../core/errors.ts';
import {plural} from '../core/format.ts';
import {sanitise} from '../core/sanitise.ts';
import {unusable} from '../io/pg-client.ts';
import {pgName} from '../io/targets.ts';
import {alertViewOf} from '../notify/alert-view.ts';
import {checkNotify} from '../notify/check.ts';
import {subjectOf, textOf} from '../notify/formats.ts';
import {notifyOnce, previewMessages, type SentOnce, sendTest} from '../notify/once.ts';
import {alertMasking} from './masked-alerts.ts';
import {type NotifyParts, notifyParts} from './notify.ts';
import {withStateOnce} from './state-once.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Opens what notifying needs, and closes it. A server that cannot be used is a UserError. */
async function withParts<T>(config: Config, env: Env, use: (parts: NotifyParts) => Promise<T>): Promise<T> {
  const parts = notifyParts(config, env);
  try {
    return await use(parts);
  } catch (error) {
    const {message, next, sqlstate, why} = failureOf(error);
    if (error instanceof UserError || (sqlstate === undefined && why === 'bug')) throw error;
    if (sqlstate === undefined || /^(?:08|28|57)/.test(sqlstate)) throw unusable(parts.pg.target, error);
    throw new UserError(`${pgName(parts.pg.target)}: ${sanitise(message)}.`, next);
  } finally {
    await parts.pg.close();
  }
}

/** Prints what the notifier has and lacks. Gives 1 where something keeps it from sending, else 0. */
export function printNotifyCheck(config: Config, env: Env): Promise<number> {
  return withParts(config, env, async ({pg, keys}) => {
    const {receivers, grants, active} = await checkNotify(pg, keys);
    const table = new Table({
      head: ['name', 'channel', 'target', 'wants', 'state'],
      style: {head: [], border: [], compact: true},
    });
    for (const {name, channel, target, wants, problem} of receivers) {
      table.push([name, channel, target, wants, problem ?? 'ready']);
    }
    if (receivers.length > 0) print(table.toString());
    else if (grants.length === 0)
      print('No notification is configured and enabled: notification.notification_configs.');
    for (const grant of grants) print(`Missing right, as a superuser: ${grant}`);
    print(active ? `A notifier is active: ${active}.` : 'No notifier is active: tradetop notify.');
    const faults = receivers.filter(({problem}) => problem !== undefined).length + grants.length;
    return faults > 0 || receivers.length === 0 ? 1 : 0;
  });
}

/** Sends a test message to one receiver, and prints what it answered. Gives 0 where it took it, else 1. */
export function printNotifyTest(config: Config, env: Env, name: string): Promise<number> {
  return withParts(config, env, async parts => {
    const sent = await sendTest(parts, name, randomUUID());
    print(outcomeLine(sent));
    return sent.outcome?.ok ? 0 : 1;
  });
}

/**
 * Reads every source once and sends what is to be told since the last time, or with `dryRun` prints it. Gives 0 where
 * everything was sent, else 1.
 */
export async function printNotifyOnce(config: Config, env: Env, {dryRun}: {readonly dryRun: boolean}): Promise<number> {
  const watching = {...config, trading: roleTarget(config.trading, 'tradetop_monitor', env)};
  const view = await withStateOnce(watching, {name: 'tradetop notify', wait: true}, state =>
    alertViewOf(alertMasking(config)(state)),
  );
  return withParts(config, env, async parts => {
    const sent = await (dryRun ? previewMessages(parts, view) : notifyOnce(parts, view));
    for (const one of sent) {
      const {message, receiver} = one;
      if (!dryRun) print(outcomeLine(one));
      else
        print(`To ${receiver.name}: ${subjectOf(message, parts.origin)}\n\n${textOf(message, parts.origin, 20_000)}\n`);
    }
    if (sent.length === 0) print('Nothing to tell.');
    return sent.every(({outcome}) => outcome?.ok !== false) ? 0 : 1;
  });
}

const outcomeLine = ({receiver, message, outcome, ms}: SentOnce): string =>
  `${receiver.name} (${receiver.channel}), ${plural(message.entries.length, 'alert')}: ${
    outcome?.ok ? 'sent' : 'not sent'
  } in ${Math.round(ms)} ms: ${outcome?.answer ?? ''}`;
