import fc from 'fast-check';
import { act, acts, calm, play, untilStill, type Act } from './acts.js';
import { brokenPromises } from './promises.js';
import { Yard } from './yard.js';

/** How far the first item is when the trouble begins: its staging is asked for, a person is asked, a person has answered. */
const BEGINNINGS = ['staging', 'asked', 'confirmed', 'confirmed'] as const;

export interface Life {
  readonly begins: (typeof BEGINNINGS)[number];
  readonly acts: readonly Act[];
}

export const lives: fc.Arbitrary<Life> = fc.record({ begins: fc.constantFrom(...BEGINNINGS), acts });

/** Two items of one repository, from where the life begins until nothing happens any more. */
export async function lived({ begins, acts: choices }: Life): Promise<Yard> {
  const yard = await Yard.withItems(2);
  if (begins !== 'staging') await untilStill(yard, () => yard.events('ConfirmationSent').length > 0);
  if (begins === 'confirmed') await play(yard, act('confirm'));
  for (const choice of choices) await play(yard, choice);
  await calm(yard);
  return yard;
}

/** Each broken promise, and the story that led to it. */
export function troubleIn(yard: Yard): string {
  const broken = brokenPromises(yard);
  if (broken.length === 0) return '';
  const told = yard.around.log.events.filter(({ stream }) => !/^(notification|source|job)-/.test(stream));
  const story = told.map(
    ({ position, recordedAt, stream, type, data }) =>
      `${position} ${recordedAt.slice(11)} ${stream} ${type} ${JSON.stringify(data).slice(0, 200)}`,
  );
  return [...broken, ...story, ...(yard.orchestrator?.failures ?? [])].join('\n');
}
