import { execa } from 'execa';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordedEvent } from '../../../src/kernel/event.js';
import type { World } from '../running/world.js';
import type { WorkItem } from '../running/work-item.js';
import { HEALTHY } from './faults.js';
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
  readonly troubles: number;
  /** Of them. */
  readonly restarts: number;
  readonly cuts: number;
  readonly events: number;
  readonly merges: number;
  /** What was done twice, in words; empty is good. */
  readonly twice: readonly string[];
}

export interface Troubles {
  readonly server: ServerProcess;
  /** On average; the pauses between them differ. */
  readonly everyMs: number;
  /** The same seed gives the same troubles after the same pauses. */
  readonly seed: number;
}

/** Carries so many items to production, a share of them in every repository, while the server of the log is cut off and restarted again and again. */
export async function runTroubled(world: World, items: number, troubles: Troubles): Promise<TroubledRun> {
  const startedAt = performance.now();
  const repos = world.sandbox.coordinates.projects.map(({ repo }) => repo);
  const started: WorkItem[] = [];
  for (let index = 0; index < items; index += 1)
    started.push(await world.startItem(`Promotion number ${index + 1}`, 'A promotion.', repos[index % repos.length]));
  const ending = new AbortController();
  const had = trouble(troubles, ending.signal);
  try {
    await allReachTheirEnd(world, started);
  } finally {
    ending.abort();
    await had;
  }
  const events = await world.events();
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const counts = { items, seconds, ...(await had), events: events.length, merges: await mergesIn(world, repos) };
  return { ...counts, twice: twiceIn(events) };
}

async function trouble(
  { server, everyMs, seed }: Troubles,
  signal: AbortSignal,
): Promise<{ readonly troubles: number; readonly restarts: number; readonly cuts: number }> {
  const random = randomFrom(seed);
  const had: ServerOrder[] = [];
  let troubles = 0;
  while (!signal.aborted) {
    await delay(everyMs * (0.5 + random()), undefined, { signal }).catch(() => undefined);
    const next = TROUBLES[Math.floor(random() * TROUBLES.length)] ?? [];
    troubles += 1;
    for (const order of next) await server.tell(order);
    had.push(...next);
  }
  await server.tell({ do: 'faults', faults: HEALTHY });
  const times = (what: ServerOrder['do']): number => had.filter((order) => order.do === what).length;
  return { troubles, restarts: times('down'), cuts: times('cut') };
}

/** Park and Miller's generator, from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Looking again at what stands still is no progress. */
const LOOKS: readonly string[] = ['GateCheckRequested', 'GateCheckAnswered'];
const STANDSTILL_MS = 90_000;
const LOOK_AGAIN_MS = 200;

/** However long it takes on this machine, as long as the items that are not done yet move. */
async function allReachTheirEnd(world: World, items: readonly WorkItem[]): Promise<void> {
  const approved = new Set<WorkItem>();
  let movedAt = performance.now();
  for (let lastMoves = -1; ; await delay(LOOK_AGAIN_MS)) {
    const stories = storiesOf(items, await world.events());
    const open = [...stories].filter(([, story]) => !story.some(isTheEnd));
    if (open.length === 0) return;
    for (const [item, story] of open) {
      if (approved.has(item) || !story.some(asksForApproval)) continue;
      approved.add(item);
      await item.moveTo('Approved');
    }
    const moves = [...stories.values()].flat().filter(({ type }) => !LOOKS.includes(type)).length;
    if (moves !== lastMoves) [lastMoves, movedAt] = [moves, performance.now()];
    if (performance.now() - movedAt > STANDSTILL_MS) throw new Error(standstill(open));
  }
}

type Stories = ReadonlyMap<WorkItem, readonly RecordedEvent[]>;

/** Up to its end: production is watched for longer. */
function storiesOf(items: readonly WorkItem[], events: readonly RecordedEvent[]): Stories {
  const stories = items.map((item) => {
    const own = events.filter(({ metadata }) => metadata.$correlationId === item.name);
    const end = own.findIndex(isTheEnd);
    return [item, end < 0 ? own : own.slice(0, end + 1)] as const;
  });
  return new Map(stories);
}

function isTheEnd({ type, data }: RecordedEvent): boolean {
  return type === 'TaskAdvanced' && (data as { to?: string }).to === 'done';
}

function asksForApproval({ type, data }: RecordedEvent): boolean {
  const { channel, text } = data as { channel?: string; text?: string };
  return type === 'NotificationDelivered' && channel === 'item-status' && text === 'In Review';
}

function standstill(open: readonly (readonly [WorkItem, readonly RecordedEvent[]])[]): string {
  const last = open.map(([{ name }, story]) => {
    const lines = story.slice(-8).map(({ type, data }) => `  ${type} ${JSON.stringify(data).slice(0, 200)}`);
    return [name, ...lines].join('\n');
  });
  return `Nothing moved for ${STANDSTILL_MS} ms; not done are:\n${last.join('\n')}`;
}

/** What the forge's own repositories say. */
async function mergesIn(world: World, repos: readonly string[]): Promise<number> {
  let merges = 0;
  for (const repo of repos) {
    const directory = world.sandbox.coordinates.bareRepositories[repo] ?? '';
    const { stdout } = await execa('git', ['--git-dir', directory, 'rev-list', '--merges', '--count', 'main']);
    merges += Number(stdout.trim());
  }
  return merges;
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
