import type { GateReading } from '../../../src/domain/task/commands.js';
import type { GateAnswer, GateCheckRequested } from '../../../src/domain/task/events.js';
import type { Gate, Stage } from '../../../src/kernel/pipeline/stage.js';

/** Stands in the place of the gate readers: the gates of a stage answer as the test says. */
export class SteeredGates {
  /** Work items whose gates were read, by a look of the reconciler itself or by a check. */
  asked: string[] = [];
  /** These cannot be read at all. */
  readonly broken = new Set<string>();
  private readonly answers = new Map<Stage, GateAnswer>();

  turn(stage: Stage, answer: GateAnswer): void {
    this.answers.set(stage, answer);
  }

  async read({ workItem, stage, gates }: GateCheckRequested['data']): Promise<readonly GateReading[]> {
    this.asked.push(workItem);
    if (this.broken.has(workItem)) throw new TypeError(`the gates of ${workItem} cannot be read`);
    return gates.map((gate) => this.reading(gate, stage));
  }

  private reading(gate: Gate, stage: Stage): GateReading {
    const answer = this.answers.get(stage) ?? 'passed';
    return { gate, answer, reason: `${gate} is ${answer}`, evidence: {} };
  }
}
