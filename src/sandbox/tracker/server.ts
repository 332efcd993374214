import { join } from 'node:path';
import { Faults } from '../faults.js';
import { JsonState } from '../json-state.js';
import { listenOnLoopback, loopbackServer } from '../loopback-server.js';
import { WebhookPoster } from '../webhook-post.js';
import type { TrackerDesk } from './desk.js';
import { detailRoutes } from './detail-routes.js';
import { guardEntrance } from './entrance.js';
import { itemRoutes } from './item-routes.js';
import { TrackerOutbox, type RetryPolicy } from './webhooks/outbox.js';
import { relationRoutes } from './relation-routes.js';
import { newTracker, type TrackerState } from './state.js';

export interface TrackerOptions {
  readonly stateDir: string;
  readonly port: number;
  readonly projects: readonly { readonly identifier: string; readonly name: string }[];
  readonly webhookUrl: string | null;
  readonly retry: RetryPolicy;
  readonly limitPerMinute: number;
}

export interface SandboxTracker {
  readonly port: number;
  readonly faults: Faults;
  readonly state: TrackerState;
  limitPerMinute(limit: number): void;
  sendWebhooksTo(url: string | null): void;
  /** While late, the history shows nothing of what happens from now on, as when its background task is busy. */
  lateHistory(isLate: boolean): void;
  /** 1: the community edition; 2: the commercial ones. */
  webhookVersion(version: 1 | 2): void;
  /** What a person does in the settings page after an outage has switched the hook off. */
  reactivateWebhook(): void;
  /** Deliveries on their way. */
  pending(): number;
  close(): Promise<void>;
}

export async function startTracker(options: TrackerOptions): Promise<SandboxTracker> {
  const file = join(options.stateDir, 'tracker.json');
  const state = await JsonState.open(file, () => newTracker('sandbox', options.projects));
  const faults = new Faults();
  const poster = new WebhookPoster(30_000);
  const outbox = new TrackerOutbox({ state, faults, poster, retry: options.retry });
  const limit = { perMinute: options.limitPerMinute };
  const history = { until: Infinity };
  const app = serverFor({ state, outbox, history }, faults, limit);
  const port = await listenOnLoopback(app, options.port);
  outbox.url = options.webhookUrl;
  outbox.wake();
  return {
    port,
    faults,
    state: state.value,
    limitPerMinute: (perMinute) => void (limit.perMinute = perMinute),
    lateHistory: (isLate) => void (history.until = isLate ? state.value.lastStamp : Infinity),
    webhookVersion: (version) => void (outbox.version = version),
    sendWebhooksTo: (url) => void (outbox.url = url),
    reactivateWebhook: () => state.change((value) => void (value.webhookActive = true)),
    pending: () => state.value.outbox.length,
    close: async () => {
      await app.close();
      await poster.close();
      await outbox.close();
      await state.close();
    },
  };
}

function serverFor(desk: TrackerDesk, faults: Faults, limit: { perMinute: number }) {
  const brokenBody = { error: 'Something went wrong please try again later' };
  const app = loopbackServer({ faults, saved: () => desk.state.saved(), brokenBody });
  guardEntrance(app, desk.state.value, () => limit.perMinute);
  itemRoutes(app, desk);
  detailRoutes(app, desk);
  relationRoutes(app, desk);
  // Without its trailing slash a path is redirected, and a redirected POST has lost its body.
  app.setNotFoundHandler((request, reply) => {
    const [path = '', query] = request.url.split('?');
    if (path.endsWith('/')) return reply.code(404).send({ error: 'The requested resource does not exist.' });
    return reply.redirect(`${path}/${query === undefined ? '' : `?${query}`}`, 301);
  });
  return app;
}
