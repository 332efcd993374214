import fc from 'fast-check';
import { BOT, PERSON } from './desk.js';
import type { Yard } from './yard.js';

/** Some turns, in an order of the seed's, and then something happens around the program. */
export interface Act {
  readonly turns: number;
  readonly seed: number;
  readonly what: keyof typeof ACTS;
  readonly pick: number;
}

type Play = (yard: Yard, pick: number) => unknown;

const ACTS = {
  nothing: () => undefined,
  confirm: (yard, pick) => moved(yard, pick, 'Confirm Deploy'),
  approve: (yard, pick) => moved(yard, pick, 'Approved'),
  reject: (yard, pick) => moved(yard, pick, 'Rejected'),
  restart: (yard, pick) => moved(yard, pick, 'In Progress'),
  abuse: (yard, pick) => moved(yard, pick, 'Confirm Deploy', BOT),
  webhook: (yard, pick) => webhook(yard, pick),
  repeat: (yard, pick) => repeated(yard, pick),
  lose: ({ around: { desk } }, pick) => void desk.webhooks.splice(pick % (desk.webhooks.length + 1), 1),
  poll: (yard) => yard.tick(),
  main: ({ around: { repository } }, pick) => repository.moveMain(pick % 3 === 0 ? null : `somebody's ${pick}`),
  push: ({ around: { repository } }, pick) => {
    const branch = `feature/ORCH-00${1 + (pick % 2)}-change-${1 + (pick % 2)}`;
    if (repository.headOf(branch) !== null) repository.work(branch, `pushed ${pick}`, {});
  },
  kill: (yard) => yard.kill(),
  start: (yard) => (yard.orchestrator ? undefined : yard.boot()),
  arrive: ({ around: { late } }, pick) => late.splice(pick % (late.length + 1), 1)[0]?.arrive(),
  freeze: (yard) => yard.freeze(),
  unfreeze: (yard) => yard.unfreeze(),
  pause: (yard, pick) => yard.pause(taskOf(yard, pick), true),
  resume: (yard, pick) => yard.pause(taskOf(yard, pick), false),
  cancel: (yard, pick) => yard.cancel(taskOf(yard, pick)),
  healthy: (yard, pick) => hookEnds(yard, pick, 0),
  broken: (yard, pick) => hookEnds(yard, pick, 1 + (pick % 2)),
  lease: ({ around }) => void (around.nowMs += 301_000),
  timeout: ({ around }) => void (around.nowMs += 901_000),
} satisfies Readonly<Record<string, Play>>;

const WEIGHTS: Readonly<Partial<Record<keyof typeof ACTS, number>>> = {
  ...{ nothing: 4, confirm: 8, webhook: 6, repeat: 2, poll: 3, healthy: 14, broken: 2, kill: 8, start: 8, arrive: 4 },
  ...{ main: 3, freeze: 4, unfreeze: 4, pause: 3, resume: 3 },
};

const NAMES = Object.keys(ACTS) as (keyof typeof ACTS)[];
const what = fc.oneof(...NAMES.map((name) => ({ weight: WEIGHTS[name] ?? 1, arbitrary: fc.constant(name) })));

export const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.record({ turns: fc.nat({ max: 24 }), seed: fc.nat(), what, pick: fc.nat({ max: 60 }) }),
  { minLength: 4, maxLength: 24, size: 'max' },
);

export async function play(yard: Yard, { turns, seed, what: name, pick }: Act): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await yard.step(chosen(seed, turn));
  await ACTS[name](yard, pick);
  await yard.around.turns.settled();
}

/** At once. */
export function act(name: Act['what'], pick = 0): Act {
  return { turns: 0, seed: 0, what: name, pick };
}

/** Mostly whoever has waited longest: with pure chance a life would seldom get anywhere. */
function chosen(seed: number, turn: number): number {
  const mixed = Math.imul(seed ^ Math.imul(turn + 1, 0x9e3779b1), 0x85ebca6b) >>> 8;
  return mixed % 3 === 0 ? mixed >>> 4 : 0;
}

const ROUNDS_MAX = 14;
const STEPS_MAX = 4_000;

/** Nobody interferes any more, what was in the way is taken away, hooks end well: until nothing happens any more. */
export async function calm(yard: Yard): Promise<void> {
  const { around } = yard;
  if (!yard.orchestrator) yard.boot();
  for (const late of around.late.splice(0)) late.arrive();
  await yard.unfreeze();
  for (const id of yard.taskIds) await yard.pause(id, false);
  for (let round = 0, before = -1; before !== around.log.events.length; round += 1) {
    if (round === ROUNDS_MAX) throw new Error('There is no end to it');
    before = around.log.events.length;
    await untilStill(yard);
    around.nowMs += 700_000;
    yard.tick();
    await untilStill(yard);
  }
}

export async function untilStill(yard: Yard, isFarEnough = () => false): Promise<void> {
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    if (isFarEnough() || !(await goesOn(yard))) return;
  }
  throw new Error(`There is no end to it: ${yard.orchestrator?.failures.slice(-3).join('; ')}`);
}

/** Somebody's turn, or what the world brings when nobody has one. */
async function goesOn(yard: Yard): Promise<boolean> {
  if (await yard.step(0)) return true;
  const { hosts, desk } = yard.around;
  const [hook] = hosts.running();
  if (hook) hosts.finish(hook, 0);
  else if (desk.webhooks.length > 0) await webhook(yard, 0);
  else return yard.step(0);
  return true;
}

function moved({ around: { desk } }: Yard, pick: number, status: string, by = PERSON): void {
  const item = desk.items[pick % desk.items.length];
  if (item) desk.move(item, status, by);
}

async function webhook(yard: Yard, pick: number): Promise<void> {
  const { desk } = yard.around;
  const [delivery] = desk.webhooks.splice(pick % Math.max(1, desk.webhooks.length), 1);
  if (!delivery) return;
  desk.arrived.push(delivery);
  await yard.deliver(delivery);
}

async function repeated(yard: Yard, pick: number): Promise<void> {
  const { arrived } = yard.around.desk;
  const delivery = arrived[pick % Math.max(1, arrived.length)];
  if (delivery) await yard.deliver(delivery);
}

function taskOf(yard: Yard, pick: number): number {
  return yard.taskIds[pick % yard.taskIds.length] ?? 0;
}

function hookEnds({ around: { hosts } }: Yard, pick: number, exitCode: number): void {
  const running = hosts.running();
  const hook = running[pick % Math.max(1, running.length)];
  if (hook) hosts.finish(hook, exitCode);
}
