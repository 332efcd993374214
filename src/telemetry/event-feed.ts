import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog } from '../event-log/event-log.js';
import type { Position, RecordedEvent } from '../kernel/event.js';
import type { Log } from './log.js';

const RETRY_MS = 1_000;
const LOGGER = 'orchestrator.telemetry';

export type Listener = (event: RecordedEvent) => void;

/** What happens from now on, told to each listener; the past was told when it happened. */
export class EventFeed {
  private readonly stopping = new AbortController();
  private position: Position = 0;
  private following: Promise<void> = Promise.resolve();

  constructor(
    private readonly events: EventLog,
    private readonly log: Log,
    private readonly listeners: readonly Listener[],
  ) {}

  async start(): Promise<void> {
    this.following = this.run(await this.events.head());
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
  }

  private async run(head: Position): Promise<void> {
    const { signal } = this.stopping;
    this.position = head;
    while (!signal.aborted) {
      await this.follow(signal).catch((error: unknown) => {
        this.log.warn({ logger: LOGGER, err: error }, 'The event log cannot be followed, trying again');
      });
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    for await (const page of this.events.follow({ after: this.position, signal })) {
      for (const event of page.events) this.tell(event);
      this.position = page.position;
    }
  }

  private tell(event: RecordedEvent): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        this.log.error({ logger: LOGGER, err: error }, `${event.type} at ${event.position} is not told`);
      }
    }
  }
}
