import { verifyStreams } from '../../../src/event-log/eventstoredb/verify.js';
import { verifyChain } from '../../../src/event-log/sqlite/verify/verify.js';
import { ServerProcess } from '../eventstore/server-process.js';

export type LogSettings = Readonly<Record<string, string>>;

/** Where a service under test keeps its events: as its settings say, or in a store of its own with `ORCH_TEST_LOG=eventstoredb`. */
export class TestLog {
  private constructor(
    readonly settings: LogSettings,
    private readonly server: ServerProcess | null,
  ) {}

  static async for(env: LogSettings): Promise<TestLog> {
    const isLeftToUs = env['ORCH_EVENT_LOG'] === undefined && process.env['ORCH_TEST_LOG'] === 'eventstoredb';
    if (!isLeftToUs) return new TestLog(env, null);
    const server = await ServerProcess.start();
    return new TestLog({ ...env, ORCH_EVENT_LOG: 'eventstoredb', ORCH_EVENTSTORE_URL: server.url }, server);
  }

  /** A file or an address, as `--db` takes it. */
  place(file: string): string {
    const { ORCH_EVENT_LOG: kind, ORCH_EVENTSTORE_URL: url, ORCH_EVENT_LOG_PATH: path } = this.settings;
    return (kind === 'eventstoredb' ? url : path) ?? file;
  }

  verify(file: string): Promise<{ readonly intact: boolean }> {
    const place = this.place(file);
    return place.startsWith('esdb:') ? verifyStreams({ url: place }) : verifyChain(place);
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }
}
