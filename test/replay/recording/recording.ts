import { Aggregates } from '../../../src/commands/aggregates.js';
import { Transact } from '../../../src/commands/transact.js';
import { RecordSettings } from '../../../src/domain/settings/commands.js';
import { InMemoryEventLog } from '../../../src/event-log/in-memory/in-memory-event-log.js';
import { InMemorySnapshots } from '../../../src/event-log/snapshots.js';
import { Nouns } from '../../../src/forensics/decisions/recorded-decisions.js';
import type { EventLog } from '../../../src/event-log/event-log.js';
import type { Command, CommandContext } from '../../../src/kernel/command.js';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import { deriveId } from '../../../src/kernel/ids.js';
import type { Policy } from '../../../src/kernel/pipeline/policy.js';
import { isRefused } from '../../../src/kernel/refused.js';
import { toIso } from '../../../src/kernel/time.js';
import { commandsOf } from '../../../src/sagas/saga.js';
import { SAGAS } from '../../../src/sagas/every-saga.js';

type Class<C extends Command> = new (stream: string, payload: C['payload'], context: CommandContext) => C;

const STEP_MS = 7;

/** A clock that the story moves, and that goes on a little with every look. */
export class StoryClock {
  nowMs = 0;

  now(): number {
    return (this.nowMs += STEP_MS);
  }
}

/** Where a story is written down: a log, and the clock that it tells the time by. */
export interface Place {
  readonly log: EventLog;
  readonly clock: StoryClock;
}

/**
 * A log that the real deciders and sagas write, under a clock that the story moves. Nothing in it is random: the same story
 * makes the same log, id by id.
 */
export class Recording {
  readonly log: EventLog;
  private readonly clock: StoryClock;
  private readonly nouns = new Nouns();
  private readonly aggregates: Aggregates;
  private readonly listeners: ((event: RecordedEvent) => void)[] = [];
  private wishes = 0;
  private heard = 0;

  constructor(
    begin: string,
    private policy: Policy,
    { log, clock }: Place = inMemory(),
  ) {
    this.clock = clock;
    this.log = log;
    this.nowMs = Date.parse(begin);
    this.aggregates = new Aggregates(this.log, new InMemorySnapshots());
  }

  get nowMs(): number {
    return this.clock.nowMs;
  }

  set nowMs(ms: number) {
    this.clock.nowMs = ms;
  }

  onEvent(listener: (event: RecordedEvent) => void): void {
    this.listeners.push(listener);
  }

  get settings(): Policy {
    return this.policy;
  }

  /** The service starts with these settings. */
  async start(policy: Policy = this.policy): Promise<void> {
    this.policy = policy;
    const payload = { values: policy, hash: deriveId(JSON.stringify(policy)), version: '0.1.0' };
    await this.wish(RecordSettings, 'settings', payload, { correlationId: 'settings' });
  }

  /** Somebody wishes for something; what sagas make of it follows at once. */
  async wish<C extends Command>(
    type: Class<C>,
    stream: string,
    payload: C['payload'],
    given: Partial<CommandContext> = {},
  ): Promise<readonly RecordedEvent[]> {
    this.wishes += 1;
    const context: CommandContext = {
      commandId: deriveId('recording', this.wishes),
      at: toIso(this.clock.now()),
      actor: 'system',
      correlationId: stream,
      causationId: null,
      ...given,
    };
    const events = await this.execute(new type(stream, payload, context));
    await this.pump();
    return events;
  }

  newId(...about: readonly (string | number)[]): string {
    return deriveId('recording', ...about);
  }

  private async execute(command: Command): Promise<readonly RecordedEvent[]> {
    const decider = this.nouns.of(command.stream);
    if (!decider) throw new TypeError(`Nobody decides in ${command.stream}`);
    const answer = await new Transact(this.log, this.aggregates, this.policy).run(decider, command);
    if (isRefused(answer)) throw new TypeError(`${command.type} was refused: ${answer.sentence}`);
    return answer.events;
  }

  private async pump(): Promise<void> {
    for (;;) {
      const [event] = await this.log.readAll({ after: this.heard, limit: 1 });
      if (!event) return;
      this.heard = event.position;
      for (const listener of this.listeners) listener(event);
      for (const saga of SAGAS.filter(({ types }) => types.includes(event.type)))
        for (const command of commandsOf(saga, event, this.policy)) await this.execute(command);
    }
  }
}

function inMemory(): Place {
  const clock = new StoryClock();
  return { log: new InMemoryEventLog({ clock }), clock };
}
