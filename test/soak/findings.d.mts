import type { RecordedEvent } from '../../src/kernel/event.js';

export interface Kill {
  readonly kind: 'agent' | 'supervisor' | 'orchestrator';
  readonly runId: string | null;
  readonly at: number;
}

export function violationsOf(
  events: readonly RecordedEvent[],
  world: {
    readonly service: { readonly logPath: string; readonly folder: string };
    readonly kills: readonly Kill[];
    readonly jobs: number;
  },
): Promise<readonly string[]>;
