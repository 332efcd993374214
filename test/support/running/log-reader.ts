import type { EventLog } from '../../../src/event-log/event-log.js';
import { openEventStoreLog } from '../../../src/event-log/eventstoredb/eventstoredb-event-log.js';
import { openSqliteEventLog } from '../../../src/event-log/sqlite/sqlite-event-log.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';

/** The log of a running service, read from beside it and only as far as it has grown since the last look. */
export class LogReader {
  private readonly seen: RecordedEvent[] = [];
  private reading: Promise<void> = Promise.resolve();

  private constructor(private readonly log: EventLog) {}

  static async open(path: string): Promise<LogReader> {
    return new LogReader(await openSqliteEventLog({ path, clock: { now: () => Date.now() }, readOnly: true }));
  }

  /** Wherever the settings of the service say that the log is. */
  static async openConfigured(defaultPath: string, env: Readonly<Record<string, string>>): Promise<LogReader> {
    const { ORCH_EVENT_LOG, ORCH_EVENT_LOG_PATH, ORCH_EVENTSTORE_URL: url = '' } = env;
    if (ORCH_EVENT_LOG !== 'eventstoredb') return LogReader.open(ORCH_EVENT_LOG_PATH ?? defaultPath);
    return new LogReader(await openEventStoreLog({ url, clock: { now: () => Date.now() }, readOnly: true }));
  }

  /** One look at a time, or two would take the same page. */
  async all(): Promise<readonly RecordedEvent[]> {
    this.reading = this.reading.then(() => this.readOn());
    await this.reading;
    return this.seen;
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private async readOn(): Promise<void> {
    for (;;) {
      const page = await this.log.readAll({ after: this.seen.at(-1)?.position ?? 0 });
      if (page.length === 0) return;
      this.seen.push(...page);
    }
  }
}
