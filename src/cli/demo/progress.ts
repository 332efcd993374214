import type { TaskAdvanced, TaskOpened, TaskSentBack } from '../../domain/task/events.js';
import type { JobQueued } from '../../domain/job/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { fromIso } from '../../kernel/time.js';
import { dim, duration, oneLine, print } from '../terminal/text.js';

/** Shows a task as it goes: one line for every stage that is left, and one for every act of a person. */
export class Progress {
  private stage = 'created';
  private enteredAt: string | null = null;
  private doneBy: string[] = [];

  show(event: RecordedEvent): void {
    switch (event.type) {
      case 'TaskOpened':
        return print(`  ${dim('branch')}  ${(event.data as TaskOpened['data']).branch}\n`);
      case 'JobQueued':
        return this.add((event.data as JobQueued['data']).agent);
      case 'GateEvaluated':
        return this.gate(event.data as { gate: string; answer: string });
      case 'ChangeMerged':
        return this.add('change merged');
      case 'DeployFinished':
        return this.deploy(event.data as { environment: string; verdict: string });
      case 'TaskAdvanced':
      case 'TaskSentBack':
        return this.move(event, event.data as TaskAdvanced['data'] | TaskSentBack['data']);
    }
  }

  say(line: string): void {
    print(`  ${' '.repeat(15)}  ${' '.repeat(8)}  ${line}`);
  }

  private add(what: string): void {
    this.doneBy.push(what);
  }

  private gate({ gate, answer }: { gate: string; answer: string }): void {
    this.add(answer === 'passed' ? `${gate} ✓` : `${gate} ${answer}`);
  }

  private deploy({ environment, verdict }: { environment: string; verdict: string }): void {
    this.add(`${environment} ${verdict}`);
  }

  private move(event: RecordedEvent, { from, to, ...rest }: { from: string; to: string; reason?: string }): void {
    const entered = this.enteredAt ?? event.recordedAt;
    const took = duration(fromIso(event.recordedAt) - fromIso(entered));
    const back = rest.reason === undefined ? '' : ` ↩ ${to}: ${oneLine(rest.reason)}`;
    print(`  ${from.padEnd(15)}  ${dim(took.padStart(8))}  ${this.doneBy.join(dim(' · '))}${back}`);
    this.stage = to;
    this.enteredAt = event.recordedAt;
    this.doneBy = [];
    if (to === 'done') print(`  ${this.stage}`);
  }
}
