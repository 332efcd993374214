import { openSqliteEventLog } from '../../event-log/sqlite/sqlite-event-log.js';
import type { EventLog } from '../../event-log/event-log.js';
import type { TaskAdvanced } from '../../domain/task/events.js';
import type { RecordedEvent } from '../../kernel/event.js';
import { CommandFailed } from '../failure.js';
import { eventsOf } from '../log-access.js';
import type { RunningOrchestrator } from '../running/running-orchestrator.js';
import { dim, print } from '../terminal/text.js';
import { linesOf, storyOf } from '../timeline.js';
import { mergedFiles, type Repository } from './merged-change.js';
import { Person } from './person.js';
import { Progress } from './progress.js';
import type { ChildOrchestrator } from './child-orchestrator.js';

const TITLE = 'Take a discount off for first orders';
const DESCRIPTION = 'New customers get a promotion on their first order. The price must never fall below zero.';
const TIME_MS_MAX = 120_000;

/** Acts as the person at the tracker, watches the log that the service writes, and believes only git in the end. */
export async function runDemo(running: ChildOrchestrator): Promise<void> {
  const { service } = running;
  const log = await openSqliteEventLog({
    path: running.eventLogPath,
    clock: { now: () => Date.now() },
    readOnly: true,
  });
  try {
    const startedAt = Date.now();
    print(`  ${dim('service')} ${service.url} ${dim(`(process ${running.pid})`)}`);
    const workItem = await createItem(service);
    await watch(log, running, workItem);
    const seconds = (Date.now() - startedAt) / 1_000;
    const events = await eventsOf(log, workItem);
    await assertDone(service, workItem);
    const repository = await service.get<Repository>('/sandbox');
    const files = await mergedFiles(repository, events);
    print(`\n${linesOf(storyOf(workItem, events)).join('\n')}\n`);
    print(figuresOf(events, await log.head(), seconds));
    print(`On ${repository.defaultBranch} of ${repository.repositoryPath}: ${files.join(', ')}`);
  } finally {
    await log.close();
  }
}

async function createItem(service: RunningOrchestrator): Promise<string> {
  const item = { title: TITLE, description: DESCRIPTION };
  const { workItem } = await service.post<{ workItem: string }>('/sandbox/work-items', item);
  print(`  ${dim('item')}    ${workItem} ${TITLE}`);
  return workItem;
}

/** Until the task is done; what a person is asked for on the way is done at once. */
async function watch(log: EventLog, running: ChildOrchestrator, workItem: string): Promise<void> {
  const progress = new Progress();
  const person = new Person(running.service);
  const signal = AbortSignal.timeout(TIME_MS_MAX);
  for await (const page of log.follow({ after: 0, correlationId: workItem, signal })) {
    for (const event of page.events) {
      progress.show(event);
      const gesture = await person.answer(event);
      if (gesture !== null) progress.say(dim(`a person moves the item to ${gesture}`));
      if (isDone(event)) return;
      failOn(event);
    }
  }
  throw new CommandFailed(1, `${workItem} is not done after ${TIME_MS_MAX / 1_000} s`);
}

function isDone({ type, data }: RecordedEvent): boolean {
  return type === 'TaskAdvanced' && (data as TaskAdvanced['data']).to === 'done';
}

function failOn({ type, data, metadata }: RecordedEvent): void {
  if (!['TaskEscalated', 'TaskCancelled', 'WorkFailed'].includes(type)) return;
  throw new CommandFailed(1, `${metadata.$correlationId} is stuck, ${type}: ${(data as { reason: string }).reason}`);
}

/** The read side has to say the same as the log, a moment later. */
async function assertDone(service: RunningOrchestrator, workItem: string): Promise<void> {
  const query = 'query ($workItem: String!) { task(workItem: $workItem) { stage } }';
  for (const deadline = Date.now() + 5_000; ;) {
    const { task } = await service.graphql<{ task: { stage: string } | null }>(query, { workItem });
    if (task?.stage === 'done') return;
    if (Date.now() > deadline) throw new CommandFailed(1, `${workItem} is ${task?.stage ?? 'unknown'}, not done`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function figuresOf(events: readonly RecordedEvent[], head: number, seconds: number): string {
  const jobs = events.filter(({ type }) => type === 'JobQueued').length;
  return `done: ${head} events in the log, ${jobs} jobs, ${seconds.toFixed(1)} seconds`;
}
