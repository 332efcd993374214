import { createHmac, randomUUID } from 'node:crypto';
import type { Faults } from '../faults.js';
import type { JsonState } from '../json-state.js';
import type { WebhookPoster } from '../webhook-post.js';
import type { ForgeState, OutgoingHook } from './state.js';

/** Gitea's deliveries: a row first, marked as delivered before the call, so at most once; no retry, five seconds of patience. */
export class ForgeOutbox {
  private closed = false;
  private running: Promise<void> | null = null;
  private alarm: NodeJS.Timeout | null = null;

  constructor(
    private readonly state: JsonState<ForgeState>,
    private readonly faults: Faults,
    private readonly poster: WebhookPoster,
  ) {}

  add(hook: Omit<OutgoingHook, 'id'>): void {
    this.state.change((state) => state.outbox.push({ id: randomUUID(), ...hook }));
    this.wake();
  }

  wake(): void {
    this.running ??= this.drain()
      .catch((error: unknown) => process.stderr.write(`sandbox forge webhooks: ${String(error)}\n`))
      .then(() => this.rest());
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.alarm) clearTimeout(this.alarm);
    await this.running;
  }

  private rest(): void {
    this.running = null;
    if (this.closed || this.state.value.outbox.length === 0) return;
    // What is left is being held by a switch; it is looked at again without spinning.
    this.alarm = setTimeout(() => this.wake(), 20);
    this.alarm.unref();
  }

  private async drain(): Promise<void> {
    // Whoever caused the event finishes its own turn first.
    await Promise.resolve();
    if (this.alarm) clearTimeout(this.alarm);
    for (let batch = this.due(); batch.length > 0; batch = this.due()) {
      for (const hook of batch) await this.send(hook);
    }
  }

  private due(): readonly OutgoingHook[] {
    return this.closed || this.faults.isDown ? [] : this.faults.arrange([...this.state.value.outbox]);
  }

  private async send(hook: OutgoingHook): Promise<void> {
    if (this.closed) return;
    if (this.faults.delayMs > 0) await new Promise((done) => setTimeout(done, this.faults.delayMs));
    this.state.change((state) => (state.outbox = state.outbox.filter(({ id }) => id !== hook.id)));
    await this.state.saved();
    const body = JSON.parse(hook.body) as Record<string, unknown>;
    const action = typeof body['action'] === 'string' ? body['action'] : null;
    const copies = this.faults.copiesOf({ event: hook.event, action, body });
    for (let copy = 0; copy < copies; copy += 1) {
      await this.poster.post(hook.url, headersOf(hook), Buffer.from(hook.body, 'utf8'));
    }
  }
}

function headersOf(hook: OutgoingHook): Record<string, string> {
  const sha256 = createHmac('sha256', hook.secret).update(hook.body, 'utf8').digest('hex');
  const sha1 = createHmac('sha1', hook.secret).update(hook.body, 'utf8').digest('hex');
  const { event, eventType } = hook;
  return {
    ...{ 'Content-Type': 'application/json', 'User-Agent': 'Go-http-client/1.1' },
    ...{ 'X-GitHub-Delivery': hook.id, 'X-GitHub-Event': event, 'X-GitHub-Event-Type': eventType },
    ...{ 'X-GitHub-Hook-Installation-Target-Type': 'repository' },
    ...{ 'X-Gitea-Delivery': hook.id, 'X-Gitea-Event': event, 'X-Gitea-Event-Type': eventType },
    ...{ 'X-Gitea-Hook-Installation-Target-Type': 'repository', 'X-Gitea-Signature': sha256 },
    ...{
      'X-Gogs-Delivery': hook.id,
      'X-Gogs-Event': event,
      'X-Gogs-Event-Type': eventType,
      'X-Gogs-Signature': sha256,
    },
    ...{ 'X-Hub-Signature': `sha1=${sha1}`, 'X-Hub-Signature-256': `sha256=${sha256}` },
  };
}
