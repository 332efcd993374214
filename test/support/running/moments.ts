import { setTimeout as pause } from 'node:timers/promises';
import type { World } from './world.js';

const EVENTS_MAX = 34;
const LULL_MS_MAX = 2_000;
const AFTERWARDS_MS_MAX = 300;

/** Numbers in [0, 1) that the same seed always gives (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Lets the service go on for some events more, and a moment after the last of them, so that every place of a run is hit, its
 * start included; where nothing more happens, for a while.
 */
export async function someMomentLater(world: World, random: () => number): Promise<void> {
  const wanted = (await world.events()).length + Math.floor(random() * EVENTS_MAX);
  const deadline = Date.now() + LULL_MS_MAX;
  while ((await world.events()).length < wanted && Date.now() < deadline) await pause(3);
  await pause(Math.floor(random() * AFTERWARDS_MS_MAX));
}
