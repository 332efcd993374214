import type { Fact } from './batch.js';

/** What a replay of the log says of one moment: who is admitted and active, who is paused, what runs, what is frozen. */
export class Order {
  readonly frozen = new Map<string, number>();
  private readonly paused = new Set<string>();
  private readonly active = new Map<string, string>();
  private readonly running = new Set<number>();
  readonly ended = new Set<string>();
  readonly violations: string[] = [];
  runningMax = 0;

  constructor(private readonly waitsFor: ReadonlyMap<string, string>) {}

  apply({ type, data, position }: Fact): void {
    switch (type) {
      case 'RepoFrozen':
        return void this.frozen.set(data.repo, position);
      case 'FreezeLifted':
        return void this.frozen.delete(data.repo);
      case 'TaskPaused':
        return void this.paused.add(data.workItem);
      case 'TaskResumed':
        return void this.paused.delete(data.workItem);
      case 'JobClaimed':
        return this.claimed(data);
      case 'RunEnded':
      case 'JobSucceeded':
      case 'JobRequeued':
      case 'JobFailed':
      case 'JobCancelled':
        return void this.running.delete(data.jobId);
      case 'TaskRetired':
        this.ended.add(data.workItem);
        return void this.active.delete(data.workItem);
    }
  }

  private claimed({ jobId, agent, repo, workItem }: Fact['data']): void {
    this.running.add(jobId);
    this.runningMax = Math.max(this.runningMax, this.running.size);
    if (this.paused.has(workItem)) this.violations.push(`${workItem} is claimed while it is paused`);
    if (agent === 'analyst' && !this.active.has(workItem)) this.admitted(workItem, repo);
  }

  private admitted(workItem: string, repo: string): void {
    if (this.frozen.has(repo)) this.violations.push(`${workItem} is claimed while ${repo} is frozen`);
    const beside = [...this.active].filter(([other, where]) => where === repo && !this.paused.has(other));
    for (const [other] of beside) this.violations.push(`${workItem} is claimed beside ${other}`);
    const first = this.waitsFor.get(workItem);
    if (first !== undefined && !this.ended.has(first)) this.violations.push(`${workItem} is claimed before ${first}`);
    this.active.set(workItem, repo);
  }
}
