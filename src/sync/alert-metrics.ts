import {Gauge, type Registry} from 'prom-client';

/** What the endpoint shows of the alerts: those that stand and are not muted, and how many of their sources are not read. */
export type AlertFigures = {
  readonly alerts: readonly {readonly rule: string; readonly severity: string; readonly subject: string}[];
  readonly unknown: number;
};

/** Registers the alerts: 1 for each that stands. `figures` undefined: they are not known yet. */
export function registerAlerts(registry: Registry, figures: () => AlertFigures | undefined): void {
  new Gauge({
    name: 'tradetop_alert',
    help: '1 for each alert that stands and is not muted',
    labelNames: ['rule', 'severity', 'subject'],
    registers: [registry],
    collect() {
      this.reset();
      for (const labels of figures()?.alerts ?? []) this.set(labels, 1);
    },
  });
  new Gauge({
    name: 'tradetop_alerts_unknown',
    help: 'Sources of alerts that cannot be read',
    registers: [registry],
    collect() {
      const now = figures();
      if (now) this.set(now.unknown);
      else this.set(Number.NaN);
    },
  });
}
