import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {alertMasking} from '../../src/app/masked-alerts.ts';
import {sanitise} from '../../src/core/sanitise.ts';
import {secret} from '../../src/core/secret.ts';
import type {Alert} from '../../src/model/state.ts';
import type {AlertView} from '../../src/notify/alert-view.ts';
import {receiverProblem} from '../../src/notify/channels/index.ts';
import type {Delivery} from '../../src/notify/delivery.ts';
import {alertKey} from '../../src/notify/edges.ts';
import {subjectOf, textOf, webhookJson} from '../../src/notify/formats.ts';
import {createMailbox, type Mailbox} from '../../src/notify/mailbox.ts';
import {refreshMailboxes} from '../../src/notify/mailboxes.ts';
import {masked} from '../../src/notify/masked.ts';
import {failedFor, refusedFor, type SendOutcome} from '../../src/notify/outcome.ts';
import {retryDelay} from '../../src/notify/pace.ts';
import {postJson} from '../../src/notify/post.ts';
import type {Receiver} from '../../src/notify/receiver.ts';
import type {NotifySession} from '../../src/notify/session.ts';
import {httpReceiver} from '../helpers/servers/receivers.ts';
import {alert, NOW, SAMPLES, stateOf as screenState} from '../helpers/state/screen.ts';

const receiver = (change: Partial<Receiver> = {}): Receiver => ({
  id: '1',
  name: sanitise('desk'),
  channel: 'webhook',
  target: undefined,
  eventTypes: [],
  minSeverity: 'warning',
  version: 1,
  secret: secret('https://hooks.test/T0/very-secret-token'),
  locked: undefined,
  ...change,
});
const ORIGIN = {environment: 'prod', database: 'trading_system', host: 'desk-1'};
const OK: SendOutcome = {ok: true, answer: 'HTTP 200'};

/** A mailbox on a clock that the test moves, with a database that takes everything. */
function rig(change: Partial<Receiver> = {}) {
  let [nowMs, keys] = [0, 0];
  const mailbox: Mailbox = createMailbox(receiver(change), {nowMs, random: () => 1, newKey: () => `m${++keys}`});
  const view = (alerts: readonly Alert[], more: Partial<AlertView> = {}): AlertView => ({
    at: NOW + nowMs * 1000,
    alerts,
    full: false,
    asked: () => true,
    ...more,
  });
  const keep = (): void => {
    const changes = mailbox.changes();
    if (changes) mailbox.kept(changes);
  };
  const end = (delivery: Delivery, outcome: SendOutcome): void =>
    mailbox.tried(delivery, outcome, {at: NOW + nowMs * 1000, ms: 3, nowMs});
  return {
    mailbox,
    pass: (ms: number) => {
      nowMs += ms;
    },
    take: (alerts: readonly Alert[], more: Partial<AlertView> = {}) => {
      const edges = mailbox.take(view(alerts, more), nowMs).map(({kind, alert: id}) => `${kind} ${id}`);
      keep();
      return edges;
    },
    /** Tries what is due; gives it. */
    send: (outcome: SendOutcome = OK): Delivery | undefined => {
      const delivery = mailbox.due(nowMs);
      if (!delivery) return undefined;
      mailbox.begin(delivery, nowMs);
      end(delivery, outcome);
      keep();
      return delivery;
    },
    begin: () => {
      const delivery = mailbox.due(nowMs);
      if (delivery) mailbox.begin(delivery, nowMs);
      return delivery;
    },
    end,
  };
}
const crit = (id: string, change: Partial<Omit<Alert, 'text'>> = {}) =>
  alert({id, severity: 'crit', text: `${id} is critical`, ...change});
const warn = (id: string, change: Partial<Omit<Alert, 'text'>> = {}) => alert({id, text: `${id} is odd`, ...change});

describe('what a receiver is told', () => {
  it('is each change once: fired, critical now, cleared', () => {
    const {take} = rig();
    expect(take([warn('blocked:a')])).toEqual(['fired blocked:a']);
    expect(take([warn('blocked:a')])).toEqual([]);
    expect(take([crit('blocked:a')])).toEqual(['worse blocked:a']);
    expect(take([warn('blocked:a')])).toEqual([]);
    expect(take([crit('blocked:a')])).toEqual([]);
    expect(take([])).toEqual(['cleared blocked:a']);
    expect(take([])).toEqual([]);
  });

  it('is no alert that is muted, taken on, a mere effect, or not known to stand; and each end of what was told', () => {
    const {take} = rig();
    const quiet = [
      crit('a', {mutedUntil: NOW + 60e6}),
      crit('b', {acknowledged: {by: sanitise('ann'), at: NOW, note: undefined}}),
      crit('c', {causedBy: 'x'}),
      crit('d', {unknownSince: NOW}),
    ];
    expect(take(quiet)).toEqual([]);
    expect(take([...quiet, crit('e')])).toEqual(['fired e']);
    expect(take([...quiet, crit('e', {mutedUntil: NOW + 60e6})])).toEqual([]);
    expect(take([crit('a')])).toEqual(['fired a', 'cleared e']);
  });

  it('is an end only where the rule was asked, and the list of alerts is whole', () => {
    const {take} = rig();
    take([crit('a')]);
    expect(take([], {asked: () => false})).toEqual([]);
    expect(take([], {full: true})).toEqual([]);
    expect(take([])).toEqual(['cleared a']);
  });

  it('is what the configuration asks for: by severity, rule, owner or id', () => {
    const all = [crit('blocked:a'), warn('slot_kept:s'), crit('redis_down', {owner: 'platform'})];
    const told = (change: Partial<Receiver>) => rig(change).take(all);
    expect(told({})).toHaveLength(3);
    expect(told({minSeverity: 'critical'})).toEqual(['fired blocked:a', 'fired redis_down']);
    expect(told({eventTypes: ['slot_kept', 'blocked:a']})).toEqual(['fired blocked:a', 'fired slot_kept:s']);
    expect(told({eventTypes: ['platform']})).toEqual(['fired redis_down']);
    expect(told({eventTypes: ['order_rejected']})).toEqual([]);
  });

  it('keeps ids apart that are long or cannot be shown', () => {
    const ids = ['a\u200bb', 'ab', 'x'.repeat(900), `${'x'.repeat(900)}y`];
    const keys = ids.map(alertKey);
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) expect(key.length).toBeLessThanOrEqual(300);
  });
});

describe('messages', () => {
  it('gather a burst, and tell what came and went within it', () => {
    const {take, pass, send} = rig();
    take([warn('a')]);
    pass(4000);
    take([warn('a'), crit('b')]);
    expect(send()).toBeUndefined();
    take([crit('b')]);
    pass(1000);
    const message = send()?.message;
    expect(message?.entries.map(({alert: id, kind, edges}) => [id, kind, edges])).toEqual([
      ['a', 'cleared', 2],
      ['b', 'fired', 1],
    ]);
    expect(subjectOf(message as NonNullable<typeof message>, ORIGIN)).toBe(
      '[prod] critical fired: b is critical (and 1 more)',
    );
    expect(textOf(message as NonNullable<typeof message>, ORIGIN, 5000)).toContain(
      'WARNING fired and cleared: a is odd',
    );
  });

  it('are few where alerts are many, and lose no critical one: a thousand a minute for ten minutes', () => {
    const {take, pass, send, mailbox} = rig();
    const named = new Set<string>();
    let [counted, sent, largest] = [0, 0, 0];
    const count = (delivery: Delivery | undefined): void => {
      if (!delivery) return;
      sent++;
      for (const entry of delivery.message.entries) if (entry.severity === 'crit') named.add(entry.alert);
      for (const one of delivery.message.rest) counted += one.severity === 'crit' ? one.begun : 0;
      largest = Math.max(largest, JSON.stringify(delivery.message).length);
    };
    // Half of them are critical; the receiver is away from the second to the eighth minute.
    for (let second = 0; second < 600; second++) {
      const ids = Array.from({length: 17}, (_, i) => second * 17 + i);
      take(ids.map(n => (n % 2 === 0 ? crit(`order_pending:${n}`) : warn(`bar_late:${n}`))));
      count(second > 120 && second < 480 ? send(failedFor('HTTP 503')) && undefined : send());
      expect(mailbox.queue().length).toBeLessThanOrEqual(2);
      pass(1000);
    }
    take([]);
    for (let i = 0; i < 60; i++, pass(12_000)) count(send());
    expect(named.size + counted).toBeGreaterThanOrEqual(5100);
    expect(named.size).toBeGreaterThan(1500);
    expect(sent).toBeLessThanOrEqual(5 + 5 * 12);
    expect(largest).toBeLessThan(600_000);
    expect(mailbox.queue()).toEqual([]);
  });

  it('wait for a receiver that does not answer, without limit and without growing', () => {
    const {take, pass, begin, end, mailbox} = rig();
    take([crit('a')]);
    pass(5000);
    const hanging = begin() as Delivery;
    for (let i = 0; i < 50; i++, pass(10_000)) {
      take([crit('a'), crit(`b:${i}`)]);
      expect(begin()).toBeUndefined();
    }
    expect(mailbox.queue()).toHaveLength(2);
    end(hanging, OK);
    expect(begin()?.message.entries.length).toBe(50);
  });

  it('are tried again later and later; those without a critical alert are given up', () => {
    const failing = (alerts: readonly Alert[], outcome: SendOutcome, tries: number) => {
      const {take, pass, send, mailbox} = rig();
      take(alerts);
      const times: number[] = [];
      let last: Delivery | undefined;
      for (let s = 0; s < 4000 && times.length < tries; s++, pass(1000)) {
        const delivery = send(outcome);
        if (delivery) times.push(s);
        last = delivery ?? last;
      }
      return {times, status: last?.status, waiting: mailbox.queue().length};
    };
    expect(failing([warn('a')], failedFor('HTTP 503'), 99)).toEqual({
      times: [5, 7, 11, 19, 35, 67, 131, 259, 515, 815],
      status: 'failed',
      waiting: 0,
    });
    expect(failing([warn('a')], refusedFor('HTTP 404'), 99)).toEqual({times: [5], status: 'failed', waiting: 0});
    expect(failing([crit('a')], failedFor('HTTP 503'), 14)).toMatchObject({status: 'pending', waiting: 1});
    expect(failing([crit('a')], refusedFor('HTTP 404'), 3).times).toEqual([5, 305, 605]);
    expect(
      failing([crit('a')], {ok: false, answer: 'HTTP 429', permanent: false, retryAfterMs: 60_000}, 2).times,
    ).toEqual([5, 65]);
  });

  it('vary the time of the next try by half', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 60}), fc.double({min: 0, max: 1, noNaN: true}), (attempts, random) => {
        const whole = Math.min(300_000, 2000 * 2 ** (attempts - 1));
        const ms = retryDelay(attempts, () => random);
        return ms >= whole / 2 && ms <= whole;
      }),
    );
  });

  it('are not sent before the database has them, unless it cannot', () => {
    const {mailbox} = rig();
    mailbox.take({at: NOW, alerts: [crit('a')], full: false, asked: () => true}, 0);
    expect(mailbox.due(6000)).toBeUndefined();
    expect(mailbox.due(6000, {unkept: true})).toBeDefined();
    const changes = mailbox.changes();
    mailbox.take({at: NOW, alerts: [crit('a'), crit('b')], full: false, asked: () => true}, 0);
    if (changes) mailbox.kept(changes);
    expect(mailbox.due(6000)).toBeUndefined();
    expect([...(mailbox.changes()?.told.keys() ?? [])]).toEqual(['b']);
  });

  it('are JSON for a webhook, and text that has a limit', () => {
    const {take, pass, send} = rig();
    take(Array.from({length: 40}, (_, i) => crit(`blocked:${i}`)));
    pass(5000);
    const message = (send() as Delivery).message;
    const document = JSON.parse(webhookJson(message, ORIGIN));
    expect(document).toMatchObject({id: 'm1', severity: 'critical', environment: 'prod', host: 'desk-1'});
    expect(document.alerts[0]).toMatchObject({
      id: 'blocked:0',
      change: 'fired',
      severity: 'critical',
      owner: 'database',
    });
    const text = textOf(message, ORIGIN, 1000);
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(text).toMatch(/… and \d\d more entries: see tradetop alerts\./);
  });
});

describe('a receiver that is disabled and enabled again between two looks', () => {
  it('is told anew of all that stands', async () => {
    const row = {id: '1', name: 'desk', channel: 'sms', target: null, event_types: '[]', min_severity: 'warning'};
    let retired: readonly {id: string}[] = [];
    const query = async (statement: string) => {
      if (statement === 'notify/retire') return retired;
      return statement === 'notify/receivers' ? [{...row, secret_key_id: null, version: 1}] : [];
    };
    const session = {query} as unknown as NotifySession;
    const keys = {keys: [], missing: undefined};
    const first = await refreshMailboxes(session, keys, {nowMs: 0}, new Map());
    first.get('1')?.take({at: NOW, alerts: [crit('a')], full: false, asked: () => true}, 0);
    const second = await refreshMailboxes(session, keys, {nowMs: 0}, first);
    expect(second.get('1')?.told().size).toBe(1);
    retired = [{id: '1'}];
    const third = await refreshMailboxes(session, keys, {nowMs: 0}, second);
    expect(third.get('1')?.told().size).toBe(0);
  });
});

describe('addresses', () => {
  it.each([
    'http://169.254.169.254/latest',
    'http://[::ffff:169.254.1.1]/x',
    'https://[fe80::1]/x',
    'ftp://hooks.test/x',
  ])('%s: nothing is sent there', async url => {
    const outcome = await postJson({url, json: '{}', key: 'k', limitMs: 1000});
    expect(outcome).toMatchObject({ok: false, permanent: true});
  });

  it('that lead on are gone to on the same host only, and not without end', async () => {
    const hook = await httpReceiver();
    const asked = (location: string, status = 307) => {
      hook.answer({location, status});
      return postJson({url: hook.url, json: '{}', key: 'k', limitMs: 5000});
    };
    expect(await asked('/other')).toEqual({ok: false, answer: 'redirects without end', permanent: false});
    expect(hook.received.map(({path}) => path)).toEqual([expect.any(String), '/other', '/other', '/other']);
    expect(await asked('//127.0.0.2:9/x')).toMatchObject({permanent: true});
    expect(await asked('/other', 302)).toEqual({ok: false, answer: 'HTTP 302', permanent: true});
    await hook.close();
  });
});

describe('secrets', () => {
  it('are in no words that are kept or shown', () => {
    const url = 'https://user:pass%20word@hooks.test/services/T012345/B678901/abcdefgh?token=qwertyuiop';
    const words = masked(
      `404 for /services/T012345/B678901/abcdefgh?token=qwertyuiop, "pass word", ${url}, T012345`,
      url,
    );
    for (const part of ['T012345', 'B678901', 'abcdefgh', 'qwertyuiop', 'pass word', 'pass%20word']) {
      expect(words).not.toContain(part);
    }
    expect(masked('HTTP 200: ok', 'https://hooks.test/ok')).toBe('HTTP 200: ok');
  });

  it('that are missing or of the wrong kind are said, with what to do', () => {
    const problem = (change: Partial<Receiver>) => receiverProblem(receiver(change));
    const none = {secret: secret(undefined)};
    expect(problem({})).toBeUndefined();
    expect(problem(none)).toBe('it has no secret, which is its address: tradetop secret set desk');
    expect(problem({...none, target: 'http://127.0.0.1:9/hook'})).toBeUndefined();
    expect(problem({secret: secret('file:///etc/passwd')})).toBe('its address is no http or https URL');
    expect(problem({channel: 'sms'})).toContain('tradetop sends nothing by sms');
    expect(problem({locked: 'its secret is under key x'})).toBe('its secret is under key x');
    const mail = {
      channel: 'email',
      secret: secret('smtps://me%40desk.test:pw@mail.test'),
      target: 'a@desk.test, b@desk.test',
    };
    expect(problem(mail)).toBeUndefined();
    expect(problem({...mail, target: 'nobody'})).toBe('its target is no list of e-mail addresses');
    expect(problem({...mail, secret: secret('smtps://me:pw@mail.test')})).toContain('names no sender');
    expect(problem({...mail, secret: secret('smtp://%zz@mail.test')})).toContain('names no sender');
    expect(problem({channel: 'telegram'})).toContain('no target');
  });
});

describe('what receivers are told', () => {
  it('has account ids masked where that is chosen', () => {
    const [order] = SAMPLES.orders.rows;
    const {accountId = ''} = order ?? {};
    const told = alert({id: 'order_pending:O-1', text: `Order O-1 (buy 1 AAPL, ${accountId}) has waited for 2m`});
    const state = screenState({alerts: [told]});
    const texts = (config: Parameters<typeof alertMasking>[0]) =>
      alertMasking(config)(state).alerts.map(one => one.text);
    expect(texts({})).toEqual([told.text]);
    expect(texts({maskAccounts: {mode: 'last3'}})[0]).toBe(told.text.replace(accountId, `***${accountId.slice(-3)}`));
  });
});
