import { describe, expect, test } from '@jest/globals';
import { Prometheus } from '../../src/telemetry/prometheus.js';
import { record } from '../support/given.js';

function observing(...events: readonly { type: string; data: object }[]): Prometheus {
  const prometheus = new Prometheus();
  for (const event of record(events)) prometheus.observe(event);
  return prometheus;
}

async function samples(prometheus: Prometheus): Promise<readonly string[]> {
  return (await prometheus.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the metrics', () => {
  test('events are counted by type, stage moves by where from and where to', async () => {
    const move = { type: 'TaskAdvanced', data: { from: 'review', to: 'testing' } };
    const lines = await samples(
      observing(move, move, { type: 'TaskSentBack', data: { from: 'testing', to: 'development' } }),
    );
    expect(lines).toContain('orchestrator_events_total{type="TaskAdvanced"} 2');
    expect(lines).toContain('orchestrator_stage_moves_total{from="review",to="testing"} 2');
    expect(lines).toContain('orchestrator_stage_moves_total{from="testing",to="development"} 1');
  });

  test('a cancellation is no move to a stage', async () => {
    const lines = await samples(observing({ type: 'TaskCancelled', data: { from: 'review', reason: 'x' } }));
    expect(lines.filter((line) => line.startsWith('orchestrator_stage_moves_total'))).toEqual([]);
  });

  test('attempts are counted by their outcome, a late one apart', async () => {
    const types = ['JobQueued', 'JobSucceeded', 'JobRequeued', 'JobRequeued', 'JobFailed', 'StaleOutcomeRefused'];
    const lines = await samples(observing(...types.map((type) => ({ type, data: {} }))));
    expect(lines.filter((line) => line.startsWith('orchestrator_jobs_total')).sort()).toEqual([
      'orchestrator_jobs_total{outcome="failed"} 1',
      'orchestrator_jobs_total{outcome="requeued"} 2',
      'orchestrator_jobs_total{outcome="stale"} 1',
      'orchestrator_jobs_total{outcome="succeeded"} 1',
    ]);
  });

  test('unknown cost adds nothing, known cost adds up', async () => {
    const runs = [0.25, null, 0.5].map((costUsd) => ({ type: 'RunEnded', data: { costUsd } }));
    expect(await samples(observing(...runs))).toContain('orchestrator_run_cost_usd_total 0.75');
  });

  test('deliveries are counted by source and by what came of them', async () => {
    const prometheus = new Prometheus();
    prometheus.count('gitea', 'accepted');
    prometheus.count('plane', 'refused');
    prometheus.count('plane', 'refused');
    const lines = await samples(prometheus);
    expect(lines).toContain('orchestrator_webhooks_total{source="gitea",result="accepted"} 1');
    expect(lines).toContain('orchestrator_webhooks_total{source="plane",result="refused"} 2');
  });

  test('changes are counted by how they were noticed, and their delay where it is known', async () => {
    const change = { source: 'plane', subject: 'ET-001', change: 7 };
    const lines = await samples(
      observing(
        { type: 'ChangeNoticed', data: { ...change, via: 'webhook', delayMs: 300 } },
        { type: 'ChangeNoticed', data: { ...change, via: 'poll', delayMs: 45_000 } },
        { type: 'ChangeNoticed', data: { ...change, via: 'poll', delayMs: null } },
      ),
    );
    expect(lines).toContain('orchestrator_changes_noticed_total{source="plane",via="poll"} 2');
    expect(lines).toContain('orchestrator_change_delay_seconds_sum{source="plane",via="poll"} 45');
    expect(lines).toContain('orchestrator_change_delay_seconds_bucket{le="0.5",source="plane",via="webhook"} 1');
  });

  test('a watched figure is read anew for every scrape, and one that cannot be read spoils nothing else', async () => {
    const prometheus = new Prometheus();
    let lag = 3;
    prometheus.watch({ name: 'orchestrator_projection_lag_events', help: 'Lag.', read: () => lag });
    prometheus.watch({
      name: 'orchestrator_log_position',
      help: 'Head.',
      read: () => Promise.reject(new TypeError('no')),
    });
    expect(await samples(prometheus)).toContain('orchestrator_projection_lag_events 3');
    lag = 0;
    expect(await samples(prometheus)).toContain('orchestrator_projection_lag_events 0');
  });
});
