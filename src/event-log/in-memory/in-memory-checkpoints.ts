import type { Position } from '../../kernel/event.js';
import type { Checkpoints } from '../checkpoints.js';
import { CheckpointOfAnotherLog } from '../checkpoints.js';

export class InMemoryCheckpoints implements Checkpoints {
  readonly #saved = new Map<string, { readonly logId: string; readonly position: Position }>();

  async load(name: string, logId: string): Promise<Position> {
    return this.#positionOf(name, logId);
  }

  async save(name: string, logId: string, position: Position): Promise<void> {
    this.#positionOf(name, logId);
    this.#saved.set(name, { logId, position });
  }

  #positionOf(name: string, logId: string): Position {
    const saved = this.#saved.get(name);
    if (saved && saved.logId !== logId) throw new CheckpointOfAnotherLog(name, saved.logId, logId);
    return saved?.position ?? 0;
  }
}
