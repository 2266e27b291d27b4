import type {Command} from './shared/command.ts';

/** Every sub-command, imported only when it is asked for. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  watch: async () => (await import('./watch.ts')).watchCommand,
  snapshot: async () => (await import('./snapshot.ts')).snapshotCommand,
  demo: async () => (await import('./demo.ts')).demoCommand,
  feed: async () => (await import('./feed.ts')).feedCommand,
  sync: async () => (await import('./sync.ts')).syncCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  alerts: async () => (await import('./alerts.ts')).alertsCommand,
  performance: async () => (await import('./performance.ts')).performanceCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  incident: async () => (await import('./incident.ts')).incidentCommand,
  notify: async () => (await import('./notify.ts')).notifyCommand,
  maintain: async () => (await import('./maintain.ts')).maintainCommand,
  config: async () => (await import('./config.ts')).configCommand,
  limit: async () => (await import('./limit.ts')).limitCommand,
  ack: async () => (await import('./ack.ts')).ackCommand,
  trade: async () => (await import('./trade.ts')).tradeCommand,
  trace: async () => (await import('./trace.ts')).traceCommand,
  quarantine: async () => (await import('./quarantine.ts')).quarantineCommand,
  setup: async () => (await import('./setup.ts')).setupCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  secret: async () => (await import('./secret.ts')).secretCommand,
  docs: async () => (await import('./docs.ts')).docsCommand(commandSpecs),
  'demo-keeper': async () => (await import('./demo-keeper.ts')).demoKeeperCommand,
};

/** What every sub-command says of itself, for the help and the documentation. Imports them all. */
export const commandSpecs = (): Promise<readonly Command['spec'][]> =>
  Promise.all(Object.values(COMMANDS).map(async load => (await load()).spec));

/** The own flags of all commands, by name, for those that come before the command. Of two types the one with a value counts. */
export async function allFlags(): Promise<Command['spec']['flags']> {
  const all = (await commandSpecs()).flatMap(spec => Object.entries(spec.flags));
  const withValue = all.filter(([, {type}]) => type !== 'boolean');
  return {...Object.fromEntries(all), ...Object.fromEntries(withValue)};
}
