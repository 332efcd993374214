import type { Position } from '../kernel/event.js';
import type { Bell } from './bell.js';
import type { FollowedPage } from './event-log.js';

export interface FollowSource {
  readonly bell: Bell;
  /** One page after the position; empty and caught up when there is nothing. */
  readonly readPage: (after: Position) => Promise<FollowedPage>;
}

/**
 * Catch-up, then live. The first page comes in any case, so that a follower of a quiet log learns that it has caught
 * up; later ones only when they say something new.
 */
export async function* followPages(
  source: FollowSource,
  after: Position,
  signal: AbortSignal,
): AsyncGenerator<FollowedPage, void, void> {
  let position: Position | undefined;
  while (!signal.aborted) {
    const { rings } = source.bell;
    const page = await pageUnlessEnded(source.readPage(position ?? after), signal);
    if (!page) return;
    if (page.position !== position) yield page;
    position = page.position;
    if (page.caughtUp) await source.bell.ringAfter(rings, signal);
  }
}

/** A read that fails because the log was closed under it is the end, not a fault. */
async function pageUnlessEnded(reading: Promise<FollowedPage>, signal: AbortSignal): Promise<FollowedPage | undefined> {
  try {
    const page = await reading;
    return signal.aborted ? undefined : page;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
