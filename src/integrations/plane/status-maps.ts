import { TrackerUnavailable } from '../tracker.js';
import type { TrackerStatus } from '../tracker.js';

interface StatusMap {
  readonly statuses: readonly TrackerStatus[];
  readonly readAt: number;
}

/** A status that somebody adds or renames is seen after this time at the latest. */
const MAX_AGE_MS = 10 * 60_000;

/**
 * The statuses of each project. A failed look-up is not remembered; while the tracker cannot be reached the last map
 * that was read stays in force (PS-04).
 */
export class StatusMaps {
  private readonly lastGood = new Map<string, StatusMap>();
  private readonly doubted = new Set<string>();
  private readonly underWay = new Map<string, Promise<readonly TrackerStatus[]>>();

  constructor(
    private readonly read: (projectId: string) => Promise<readonly TrackerStatus[]>,
    private readonly nowMs: () => number,
  ) {}

  async of(projectId: string): Promise<readonly TrackerStatus[]> {
    const known = this.lastGood.get(projectId);
    if (known && !this.doubted.has(projectId) && this.nowMs() - known.readAt < MAX_AGE_MS) return known.statuses;
    try {
      return await this.readOnce(projectId);
    } catch (error) {
      if (known && error instanceof TrackerUnavailable) return known.statuses;
      throw error;
    }
  }

  /** The next question goes to the tracker again. */
  forget(projectId?: string): void {
    const forgotten = projectId === undefined ? [...this.lastGood.keys()] : [projectId];
    forgotten.forEach((id) => this.doubted.add(id));
  }

  /** Questions that come together share one look-up. */
  private readOnce(projectId: string): Promise<readonly TrackerStatus[]> {
    const running = this.underWay.get(projectId);
    if (running) return running;
    const reading = this.remember(projectId).finally(() => this.underWay.delete(projectId));
    this.underWay.set(projectId, reading);
    return reading;
  }

  private async remember(projectId: string): Promise<readonly TrackerStatus[]> {
    this.doubted.delete(projectId);
    try {
      const statuses = await this.read(projectId);
      this.lastGood.set(projectId, { statuses, readAt: this.nowMs() });
      return statuses;
    } catch (error) {
      this.doubted.add(projectId);
      throw error;
    }
  }
}
