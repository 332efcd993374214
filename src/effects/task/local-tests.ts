import type { GateReading } from '../../domain/task/commands.js';
import type { GateCheckRequested, GateEvaluated } from '../../domain/task/events.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { ProjectCommands } from './project-commands.js';
import { digestOf } from './verdicts.js';

type Check = GateCheckRequested['data'];

const GATE = 'check_tests_local';
/** Far more than one visit can hold. */
const NEWEST_MAX = 500;

/**
 * The project's own tests instead of a CI (`"ci": "local"`): run once for a head in a visit, and what came of it is taken from the log from
 * then on. A clean checkout of the head is all that they see, so a default branch that moves changes nothing before it is rebased onto.
 */
export class LocalTests {
  constructor(
    private readonly log: Pick<EventLog, 'readStream'>,
    private readonly project: Pick<ProjectCommands, 'runTests' | 'testCommandOf'>,
  ) {}

  /** A crash between the run and its record has them run again. */
  async answer(check: Check): Promise<GateReading> {
    return (await this.recorded(check)) ?? this.run(check);
  }

  /** For who only looks: nothing is run, and what has not been run may be asked for. */
  async known(check: Check): Promise<GateReading> {
    const reason = 'the test command has not been run for this commit';
    return (await this.recorded(check)) ?? { gate: GATE, answer: 'passed', reason, evidence: this.evidenceOf(check) };
  }

  private async run(check: Check): Promise<GateReading> {
    const { passed, tail } = await this.project.runTests(check.repo, check.commit.head);
    const evidence = this.evidenceOf(check);
    // The head makes the reason another one, so that the answer for every head is recorded.
    const { head } = check.commit;
    if (passed) return { gate: GATE, answer: 'passed', reason: `the test command at ${head} is green`, evidence };
    return { gate: GATE, answer: 'failed', reason: `the test command at ${head} is red: ${tail}`, evidence };
  }

  private async recorded(check: Check): Promise<GateReading | null> {
    const newest = await this.log.readStream(`task-${check.taskId}`, { direction: 'backwards', limit: NEWEST_MAX });
    const { head, command } = this.evidenceOf(check);
    for (const { type, data } of newest) {
      if (type !== 'GateEvaluated') continue;
      const { stage: _stage, visit, ...reading } = data as GateEvaluated['data'];
      if (reading.gate !== GATE || visit !== check.visit) continue;
      if (reading.evidence['head'] === head && reading.evidence['command'] === command) return reading;
    }
    return null;
  }

  /** Another command is another question; what it says is nobody's business in the log. */
  private evidenceOf({ repo, commit }: Check): { readonly head: string; readonly command: string } {
    return { head: commit.head, command: digestOf(this.project.testCommandOf(repo)) };
  }
}
