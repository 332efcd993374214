import { Global, Module, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { EVENT_LOG, type EventLog } from '../event-log/event-log.js';
import { MESSAGES } from '../integrations/notifier.js';
import type { RecordedEvent } from '../kernel/event.js';
import { METRICS, WEBHOOK_COUNTERS } from '../kernel/metrics.js';
import { EventFeed } from './event-feed.js';
import { lineOf, type EventLine } from './event-lines.js';
import { createLog, LOG, type Log } from './log.js';
import { messagesIn } from './messages/messages.js';
import { Prometheus } from './prometheus.js';

/** Gives `LOG`, `MESSAGES`, `METRICS` and `WEBHOOK_COUNTERS` to everybody, and tells what happens from its start on. */
@Global()
@Module({
  providers: [
    { provide: LOG, inject: [CONFIG], useFactory: (config: Config) => createLog(config) },
    { provide: MESSAGES, inject: [CONFIG], useFactory: ({ locale }: Config) => messagesIn(locale) },
    { provide: Prometheus, useFactory: () => new Prometheus() },
    { provide: METRICS, useExisting: Prometheus },
    { provide: WEBHOOK_COUNTERS, useExisting: Prometheus },
    { provide: EventFeed, inject: [EVENT_LOG, LOG, Prometheus, CONFIG], useFactory: feedOf },
  ],
  exports: [LOG, MESSAGES, METRICS, WEBHOOK_COUNTERS],
})
export class TelemetryModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(private readonly feed: EventFeed) {}

  onModuleInit(): Promise<void> {
    return this.feed.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.feed.stop();
  }
}

function feedOf(events: EventLog, log: Log, prometheus: Prometheus, { locale }: Config): EventFeed {
  const line = (event: RecordedEvent) => write(log, lineOf(event, locale));
  return new EventFeed(events, log, [(event) => prometheus.observe(event), line]);
}

function write(log: Log, line: EventLine | null): void {
  if (line) log[line.level]({ logger: line.logger, ...line.fields }, line.sentence);
}
