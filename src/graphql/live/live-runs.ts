import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { RUN_FILES, type RunFiles } from '../../kernel/pipeline/run-files.js';
import { RunsUnderWay, type AgentRunRow } from '../../projections/job/job-queries.js';

const LOOK_EVERY_MS = 1_000;

type Listener = (row: AgentRunRow) => void;

/** Looks at the files of the runs that are under way, once for all who listen, and only while somebody does. */
@Injectable()
export class LiveRuns implements BeforeApplicationShutdown {
  private readonly logger = new Logger('graphql');
  private readonly listeners = new Set<Listener>();
  private seen: ReadonlyMap<string, string> = new Map();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly queries: QueryBus,
    @Inject(RUN_FILES) private readonly files: RunFiles,
  ) {}

  /** Answers with how to leave. */
  join(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.lookSoon();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) clearTimeout(this.timer);
    };
  }

  beforeApplicationShutdown(): void {
    this.listeners.clear();
    clearTimeout(this.timer);
  }

  private lookSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.lookAndGoOn(), LOOK_EVERY_MS).unref();
  }

  private async lookAndGoOn(): Promise<void> {
    await this.look().catch((error: unknown) => this.logger.error(error));
    if (this.listeners.size > 0) this.lookSoon();
  }

  private async look(): Promise<void> {
    const rows = await this.queries.execute(new RunsUnderWay());
    const states = await Promise.all(rows.map((row) => this.stateOf(row)));
    const before = this.seen;
    this.seen = new Map(rows.map((row, index) => [row.id, states[index] ?? '']));
    for (const row of rows) {
      if (before.get(row.id) !== this.seen.get(row.id)) for (const listener of this.listeners) listener(row);
    }
  }

  /** A sign of life alone is no news. */
  private async stateOf(row: AgentRunRow): Promise<string> {
    const progress = await this.files.progress(row.run_directory);
    return JSON.stringify([progress?.bytes, progress?.turns, progress?.isCurrent]);
  }
}
