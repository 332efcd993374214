import { PlaneTracker } from '../../../src/integrations/plane/plane-tracker.js';
import { play } from '../played-server.js';
import type { PlayedAnswer, PlayedServer, SeenRequest } from '../played-server.js';

export const todo = { id: 'todo', name: 'Todo', group: 'unstarted' };
export const done = { id: 'done', name: 'Done', group: 'completed' };
export const broken: PlayedAnswer = { status: 500, body: { error: 'Something went wrong please try again later' } };

export const page = (results: readonly unknown[], next: string | null = null): PlayedAnswer => ({
  status: 200,
  body: { next_cursor: next ?? '100:9:0', next_page_results: next !== null, results },
});

export const item = (id: string, updatedAt: string, more: object = {}) => ({
  ...{ id, name: `Item ${id}`, description_html: '<p>Do it</p>', sequence_id: 7, state: 'todo', project: 'p' },
  ...{ updated_at: updatedAt, ...more },
});

/** A tracker and the server that it talks to. */
export async function asking(
  answer: (request: SeenRequest) => PlayedAnswer | null,
  options: { readonly rateLimitPerMin?: number; readonly timeoutMs?: number } = {},
): Promise<{ readonly tracker: PlaneTracker; readonly server: PlayedServer }> {
  const server = await play(answer);
  const connection = { url: `${server.url}/`, token: 'secret-key', workspace: 'acme', rateLimitPerMin: 60 };
  return { server, tracker: new PlaneTracker({ ...connection, timeoutMs: 2_000, ...options }) };
}

export function failure(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => 'answered',
    (error: unknown) => error,
  );
}
