import { BadRequestException, Controller, Inject, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ForgeDelivery } from '../../integrations/forge.js';
import type { TrackerDelivery } from '../../integrations/tracker.js';
import { WEBHOOK_COUNTERS, type WebhookCounters, type WebhookResult } from '../../kernel/metrics.js';
import { Intake, type IntakeAnswer } from './intake.js';

export class PlaneIntake extends Intake<TrackerDelivery> {}
export class GiteaIntake extends Intake<ForgeDelivery> {}

@Controller('webhook')
export class WebhooksController {
  constructor(
    private readonly fromPlane: PlaneIntake,
    private readonly fromGitea: GiteaIntake,
    @Inject(WEBHOOK_COUNTERS) private readonly counters: WebhookCounters,
  ) {}

  @Post('plane')
  async plane(@Req() request: RawBodyRequest<FastifyRequest>, @Res() reply: FastifyReply): Promise<void> {
    this.counters.count('plane', await answer(this.fromPlane, request, reply));
  }

  @Post('gitea')
  async gitea(@Req() request: RawBodyRequest<FastifyRequest>, @Res() reply: FastifyReply): Promise<void> {
    this.counters.count('gitea', await answer(this.fromGitea, request, reply));
  }
}

const RESULTS: Readonly<Record<IntakeAnswer['status'], WebhookResult>> = {
  200: 'declined',
  202: 'accepted',
  401: 'refused',
};

async function answer(
  intake: PlaneIntake | GiteaIntake,
  request: RawBodyRequest<FastifyRequest>,
  reply: FastifyReply,
): Promise<WebhookResult> {
  if (!request.rawBody || !saysJson(request))
    throw new BadRequestException('the body has to be JSON, sent as application/json');
  const { status, body } = await intake.receive(request.rawBody, request.headers, request.body);
  await reply.status(status).send(body);
  return RESULTS[status];
}

/** A forge can be told to send forms, which say the same in bytes that nobody here reads. */
function saysJson({ headers }: FastifyRequest): boolean {
  return /^application\/json\b/i.test(headers['content-type'] ?? '');
}
