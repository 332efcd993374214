import { randomUUID } from 'node:crypto';

const STAGES = ['analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging', 'deploy'];
const COMMIT = { head: 'c0ffee'.padEnd(40, '0'), codeTree: '7'.repeat(40) };
const APPEND_EVENTS = 250;
/** Tasks that are under way at the same time. */
const LIVES = 8;

/** Writes a history as the pipeline would: tasks through all stages, their jobs, runs, gates and messages, several at a time. */
export async function writeHistory(log, eventsMin) {
  const positions = { next: 1 };
  let pending = [];
  for (let number = 1; positions.next <= eventsMin; number += LIVES) {
    for (const told of inTurn(Array.from({ length: LIVES }, (_, index) => lifeOf(number + index, positions)))) {
      pending.push(told);
      if (pending.length < APPEND_EVENTS) continue;
      await append(log, pending);
      pending = [];
    }
  }
  await append(log, pending);
  return positions.next - 1;
}

/** One step of each life after the other, until all have ended. */
function* inTurn(lives) {
  for (let open = lives; open.length > 0;) {
    const steps = open.map((life) => ({ life, step: life.next() })).filter(({ step }) => !step.done);
    for (const { step } of steps) yield step.value;
    open = steps.map(({ life }) => life);
  }
}

const revisions = new WeakMap();

/** Written in the order in which the numbers were given, so that a number is the position of its event. */
async function append(log, told) {
  const last = revisions.get(log) ?? new Map();
  revisions.set(log, last);
  let write;
  const writes = [];
  for (const { stream, event } of told) {
    if (write?.stream !== stream) {
      write = { stream, expected: last.get(stream) ?? 'no-stream', events: [] };
      writes.push(write);
    }
    write.events.push(event);
    last.set(stream, (last.get(stream) ?? -1) + 1);
  }
  for (const one of writes) await log.append([one]);
}

function* lifeOf(number, positions) {
  const workItem = `ET-${String(number).padStart(3, '0')}`;
  const tell = (stream, type, data, cause = null) => {
    const metadata = {
      $correlationId: workItem,
      $causationId: cause,
      actor: 'system',
      schemaVersion: 1,
      commandId: randomUUID(),
    };
    positions.next += 1;
    return { stream, event: { id: randomUUID(), type, data, metadata } };
  };
  const item = {
    itemId: `item-${number}`,
    projectId: 'p-1',
    workItem,
    repo: `repo-${number % 8}`,
    title: `Change number ${number}`,
    description: 'As the users asked for it.',
  };
  const taskId = positions.next;
  yield tell(`inbox-plane-${number}`, 'TaskRequested', item);
  const task = `task-${taskId}`;
  yield tell(task, 'TaskOpened', { taskId, ...item, branch: `feature/${workItem}` });
  let from = 'created';
  for (const [index, stage] of STAGES.entries()) {
    yield tell(task, 'TaskAdvanced', { from, to: stage, visit: index + 1 });
    from = stage;
    yield* visit({ tell, task, taskId, item, stage, visit: index + 1, positions });
  }
  yield tell(task, 'TaskAdvanced', { from, to: 'done', visit: STAGES.length + 1 });
}

function* visit({ tell, task, taskId, item, stage, visit, positions }) {
  const about = { taskId, workItem: item.workItem, repo: item.repo, stage, visit, round: 1 };
  const jobId = positions.next;
  yield tell(task, 'WorkRequested', { ...about, performer: 'agent', role: 'developer', revision: null, feedback: [] });
  const job = `job-${jobId}`;
  yield tell(job, 'JobQueued', { jobId, ...about, agent: 'developer', feedback: [], maxAttempts: 2 });
  const attempt = {
    jobId,
    taskId,
    workItem: item.workItem,
    repo: item.repo,
    agent: 'developer',
    fence: 1,
    runId: randomUUID(),
  };
  const claim = tell(job, 'JobClaimed', { ...attempt, attempt: 1, worker: 'bench' });
  yield claim;
  yield tell(
    job,
    'RunStarted',
    {
      ...attempt,
      pid: 1,
      startTicks: 1,
      bootId: 'b',
      runDirectory: 'runs/1',
      since: COMMIT.head,
      startedAt: '2026-01-01T00:00:00.000Z',
    },
    claim.event.id,
  );
  const usage = { costUsd: 0.01, inputTokens: 1000, outputTokens: 200, endedAt: '2026-01-01T00:10:00.000Z' };
  const end = tell(job, 'RunEnded', { ...attempt, exitCode: 0, signal: null, failure: null, ...usage }, claim.event.id);
  yield end;
  const published = {
    commit: COMMIT,
    artifacts: [{ path: `docs/work-items/${item.workItem}/12-review.md`, digest: 'd'.repeat(64) }],
    pullRequest: 7,
  };
  yield tell(job, 'JobSucceeded', { ...attempt, ...about, ...published }, end.event.id);
  yield tell(task, 'WorkFinished', { ...about, by: job, ...published });
  const check = tell(task, 'GateCheckRequested', {
    ...about,
    branch: 'feature',
    gates: ['check_reviewer_verdict'],
    ...published,
    trigger: 'work',
  });
  yield check;
  yield tell(
    task,
    'GateEvaluated',
    { stage, visit, gate: 'check_reviewer_verdict', answer: 'passed', reason: 'verdict: APPROVED', evidence: {} },
    check.event.id,
  );
  const notice = tell(`notification-${positions.next}`, 'NotificationRequested', {
    channel: 'chat',
    message: 'stage-moved',
    workItem: item.workItem,
    itemId: item.itemId,
    projectId: 'p-1',
    repo: item.repo,
    statusKey: null,
    params: {},
  });
  yield notice;
  yield tell(
    notice.stream,
    'NotificationDelivered',
    { channel: 'chat', how: 'recorded', text: 'moved' },
    notice.event.id,
  );
}
