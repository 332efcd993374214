import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { World } from '../running/world.js';
import type { WorkItem } from '../running/work-item.js';
import type { ServerOrder } from './main.js';
import type { ServerProcess } from './server-process.js';

const TROUBLES: readonly (readonly ServerOrder[])[] = [
  [{ do: 'cut' }],
  [{ do: 'down' }, { do: 'up' }],
  [{ do: 'faults', faults: { resetAnswers: 1 } }],
  [{ do: 'endSubscriptions' }],
  [{ do: 'faults', faults: { swallowedAnswers: 1, idempotentWithoutPosition: true } }],
  [{ do: 'faults', faults: { unavailable: 3 } }],
  [{ do: 'cut' }],
  [{ do: 'faults', faults: { silentReads: 1 } }],
];

export interface TroubledRun {
  readonly items: number;
  readonly seconds: number;
  readonly restarts: number;
  readonly troubles: number;
  readonly events: number;
  readonly merges: number;
  /** What was done twice, in words; empty is good. */
  readonly twice: readonly string[];
}

/** Carries so many items to production while the server of the log is cut off and restarted again and again. */
export async function runTroubled(
  world: World,
  server: ServerProcess,
  items: number,
  everyMs: number,
): Promise<TroubledRun> {
  const startedAt = performance.now();
  const started: WorkItem[] = [];
  for (let index = 1; index <= items; index += 1)
    started.push(await world.startItem(`Promotion number ${index}`, 'A promotion.'));
  let troubles = 0;
  let restarts = 0;
  let telling: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    const trouble = TROUBLES[troubles % TROUBLES.length] ?? [];
    troubles += 1;
    if (trouble.some((order) => order.do === 'down')) restarts += 1;
    telling = telling.then(async () => {
      for (const order of trouble) await server.tell(order);
    });
  }, everyMs);
  try {
    await Promise.all(started.map((item) => toItsEnd(item)));
  } finally {
    clearInterval(timer);
    await telling;
  }
  const events = await world.events();
  const merges = Number((await world.git('rev-list', '--merges', '--count', 'main')).trim());
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { items, seconds, restarts, troubles, events: events.length, merges, twice: twiceIn(events) };
}

async function toItsEnd(item: WorkItem): Promise<void> {
  await item.isApproved();
  await item.reaches('done');
}

/** One job a stage, one outcome a run, one merge and one production an item, one comment of a kind. */
function twiceIn(events: readonly RecordedEvent[]): readonly string[] {
  const seen = new Map<string, number>();
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  for (const { type, stream, data, metadata } of events) {
    const facts = data as { to?: string; runId?: string; environment?: string };
    const item = metadata.$correlationId;
    if (type === 'TaskOpened' || type === 'ChangeMerged') count(`${type} of ${item}`);
    if (type === 'TaskAdvanced') count(`${item} reaches ${facts.to}`);
    if (type === 'JobClaimed' || type === 'RunEnded') count(`${type} ${stream} ${facts.runId}`);
    if (type === 'DeployRequested') count(`deploy of ${item} to ${facts.environment}`);
  }
  return [...seen].filter(([, times]) => times > 1).map(([what, times]) => `${what}: ${times} times`);
}
