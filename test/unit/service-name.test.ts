import {expect, it} from 'vitest';
import {shownService} from '../../components/panes/shared/service-name.ts';

it('names a service without what all of them share', () => {
  expect(
    ['svc_execution', 'prefect: svc_analytics', 'tradetop_operator/tradetop watch', 'tradetop_sync', 'app/svc_x'].map(
      shownService,
    ),
  ).toEqual(['execution', 'prefect: analytics', 'tradetop watch', 'tradetop_sync', 'app/svc_x']);
  expect(shownService('prefect: tradetop_operator/tradetop snapshot')).toBe('prefect: tradetop snapshot');
});
