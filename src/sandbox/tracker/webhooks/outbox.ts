import { createHmac, randomUUID } from 'node:crypto';
import type { Faults } from '../../faults.js';
import type { JsonState } from '../../json-state.js';
import type { WebhookPoster } from '../../webhook-post.js';
import { pythonJson } from './python-json.js';
import { webhookBody } from '../render.js';
import { eventNameV2, webhookBodyV2 } from './version-2.js';
import type { OutgoingWebhook, TrackerState } from '../state.js';

/**
 * Plane repeats a delivery only when the receiver gave no HTTP answer: five times, each after up to ten minutes, then the hook is
 * switched off. Here the pauses are short, and there are as many as fit in the same fifty minutes.
 */
export interface RetryPolicy {
  readonly delayMs: number;
  readonly retriesMax: number;
}

export interface TrackerOutboxParts {
  readonly state: JsonState<TrackerState>;
  readonly faults: Faults;
  readonly poster: WebhookPoster;
  readonly retry: RetryPolicy;
}

export class TrackerOutbox {
  url: string | null = null;
  /** 2: as the commercial editions. */
  version: 1 | 2 = 1;
  private closed = false;
  private running: Promise<void> | null = null;
  private alarm: NodeJS.Timeout | null = null;

  constructor(private readonly parts: TrackerOutboxParts) {}

  /** Sends what is due; called after every change, and again by itself when a retry becomes due. */
  wake(): void {
    this.running ??= this.drain()
      .catch((error: unknown) => process.stderr.write(`sandbox tracker webhooks: ${String(error)}\n`))
      .then(() => this.rest());
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.alarm) clearTimeout(this.alarm);
    await this.running;
  }

  private rest(): void {
    this.running = null;
    const next = Math.min(...this.parts.state.value.outbox.map(({ dueAt }) => dueAt));
    if (this.closed || !Number.isFinite(next)) return;
    // What is due already is being held by a switch; it is looked at again without spinning.
    this.alarm = setTimeout(() => this.wake(), Math.max(next - Date.now(), 20));
    this.alarm.unref();
  }

  private async drain(): Promise<void> {
    if (this.alarm) clearTimeout(this.alarm);
    for (let batch = this.due(); batch.length > 0 && !this.closed; batch = this.due()) {
      for (const webhook of batch) await this.send(webhook);
    }
  }

  private due(): readonly OutgoingWebhook[] {
    if (this.closed || this.parts.faults.isDown) return [];
    const now = Date.now();
    return this.parts.faults.arrange(this.parts.state.value.outbox.filter(({ dueAt }) => dueAt <= now));
  }

  private async send(webhook: OutgoingWebhook): Promise<void> {
    if (this.closed) return;
    const text = await this.fixedBody(webhook);
    if (text === null || this.url === null) return this.forget(webhook);
    const body = JSON.parse(text) as Record<string, unknown>;
    const copies = this.parts.faults.copiesOf({ event: webhook.event, action: webhook.action, body });
    let reached = true;
    for (let copy = 0; copy < copies; copy += 1) reached = (await this.post(webhook, text)) && reached;
    if (reached) await this.forget(webhook);
    else await this.postpone(webhook);
  }

  /** `data` is read when the task runs, not when the change was made; retries repeat the bytes of the first attempt. */
  private async fixedBody(webhook: OutgoingWebhook): Promise<string | null> {
    if (this.parts.faults.delayMs > 0) await new Promise((done) => setTimeout(done, this.parts.faults.delayMs));
    if (webhook.body !== null) return webhook.body;
    const { value } = this.parts.state;
    const body = this.version === 1 ? webhookBody(value, webhook) : webhookBodyV2(value, webhook);
    if (body === null) return null;
    this.parts.state.change(() => (webhook.body = pythonJson(body)));
    await this.parts.state.saved();
    return webhook.body;
  }

  private async post(webhook: OutgoingWebhook, text: string): Promise<boolean> {
    const bytes = Buffer.from(text, 'utf8');
    const signature = createHmac('sha256', this.parts.state.value.webhookSecret).update(bytes).digest('hex');
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': 'Autopilot',
      'X-Plane-Delivery': randomUUID(),
      'X-Plane-Event': this.version === 1 ? webhook.event : eventNameV2(webhook),
      'X-Plane-Signature': signature,
    };
    // Any HTTP answer, 4xx and 5xx too, counts as delivered.
    return (await this.parts.poster.post(this.url ?? '', headers, bytes)).kind === 'answered';
  }

  private async forget(webhook: OutgoingWebhook): Promise<void> {
    this.parts.state.change((state) => (state.outbox = state.outbox.filter(({ id }) => id !== webhook.id)));
    await this.parts.state.saved();
  }

  private async postpone(webhook: OutgoingWebhook): Promise<void> {
    if (webhook.attempts >= this.parts.retry.retriesMax) {
      this.parts.state.change((state) => (state.webhookActive = false));
      return this.forget(webhook);
    }
    this.parts.state.change(() => {
      webhook.attempts += 1;
      webhook.dueAt = Date.now() + this.parts.retry.delayMs;
    });
    await this.parts.state.saved();
  }
}
