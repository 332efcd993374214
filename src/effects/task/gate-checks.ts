import { AnswerGateCheck } from '../../domain/task/commands.js';
import type { GateCheckRequested } from '../../domain/task/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import type { Effect, Outcome } from '../effect.js';
import type { GateReaders } from './gate-readers.js';

export class GateChecks implements Effect<GateCheckRequested> {
  readonly intent = 'GateCheckRequested';
  readonly effectClass = 'probeable';

  constructor(private readonly readers: GateReaders) {}

  lane({ data }: RecordedEvent<GateCheckRequested>): string {
    return `task ${data.taskId}`;
  }

  async act({ stream, data }: RecordedEvent<GateCheckRequested>, outcome: Outcome): Promise<void> {
    const readings = await this.readers.read(data);
    const { visit, round, commit } = data;
    await outcome.report(AnswerGateCheck, stream, { visit, round, head: commit.head, readings });
  }
}
