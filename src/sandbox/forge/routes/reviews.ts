import type { FastifyInstance, FastifyReply } from 'fastify';
import { tryScheduledMerges } from '../auto-merge.js';
import { nextId, type ForgeDesk } from '../desk.js';
import { announceReview } from '../events.js';
import { reviewBody } from '../render.js';
import { forgeTime, type Pull, type Repository, type Review } from '../state.js';
import { accountOf, ofPull, pageOf, refuse, REPO, textOf, type ForgeRequest } from './answers.js';

export function reviewRoutes(app: FastifyInstance, desk: ForgeDesk): void {
  const path = `${REPO}/pulls/:index/reviews`;
  app.get(
    path,
    ofPull(desk, (request, reply, repository, pull) => {
      return pageOf(desk, request, reply, pull.reviews).map((review) => reviewBody(desk, repository, pull, review));
    }),
  );
  app.post(
    path,
    ofPull(desk, (request, reply, repository, pull) => add(desk, request, reply, { repository, pull })),
  );
}

/** An approval stays with the commit that it was given for; nobody takes it back when the head moves on. */
async function add(
  desk: ForgeDesk,
  request: ForgeRequest,
  reply: FastifyReply,
  at: { readonly repository: Repository; readonly pull: Pull },
): Promise<unknown> {
  const { repository, pull } = at;
  const state = textOf(request.body, 'event') ?? 'COMMENT';
  const { login } = accountOf(request);
  if (login === pull.author && (state === 'APPROVED' || state === 'REQUEST_CHANGES')) {
    const verb = state === 'APPROVED' ? 'approve' : 'reject';
    return refuse(desk, reply, 422, `${verb} your own pull is not allowed`);
  }
  const review: Review = {
    ...{ id: nextId(desk), author: login, state, body: textOf(request.body, 'body') ?? '' },
    ...{ commit: textOf(request.body, 'commit_id') ?? pull.headSha, submittedAt: forgeTime(), dismissed: false },
  };
  desk.state.change(() => pull.reviews.push(review));
  await announceReview(desk, repository, pull, review);
  void tryScheduledMerges(desk, repository);
  return reply.send(reviewBody(desk, repository, pull, review));
}
