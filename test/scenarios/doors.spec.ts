import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { createHmac, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { webhook, webhookNames, type RecordedWebhook, type Source } from '../integrations/recorded.js';
import { BuiltOrchestrator } from '../support/built/built-orchestrator.js';
import { LogReader } from '../support/running/log-reader.js';
import { temporaryFolders } from '../support/temporary-folder.js';

const START_MS_MAX = 120_000;
const SECRET = 'test-secret';
const PROJECT = '64281702-b76f-402b-b75d-0a470789412e';
/** Nobody listens there: the doors answer without tracker and forge. */
const NOBODY = 'http://127.0.0.1:1';

let service: BuiltOrchestrator;
let log: LogReader;

beforeAll(async () => {
  const home = await folder();
  const projects = [{ repo: 'orders-api', prefix: 'DLV', planeProjectId: PROJECT }];
  await writeFile(join(home, 'projects.json'), JSON.stringify({ projects }));
  service = await BuiltOrchestrator.start({
    folder: home,
    env: {
      ...{ ORCH_PLANE_URL: NOBODY, ORCH_PLANE_API_TOKEN: 'token', ORCH_PLANE_WORKSPACE: 'acme' },
      ...{ ORCH_GITEA_URL: NOBODY, ORCH_GITEA_TOKEN: 'token', ORCH_GITEA_OWNER: 'acme' },
      ...{ ORCH_PLANE_WEBHOOK_SECRET: SECRET, ORCH_GITEA_WEBHOOK_SECRET: SECRET },
    },
  });
  log = await LogReader.open(service.eventLogPath);
}, START_MS_MAX);
afterAll(async () => {
  await log.close();
  await service.stop();
}, START_MS_MAX);
const folder = temporaryFolders();

type Answer = Readonly<Record<string, unknown>>;

/** Says how much is coming and waits for the answer; who went on sending would only find the connection closed. */
async function announce(source: Source, bytes: number): Promise<{ readonly status: number; readonly body: Answer }> {
  const headers = { 'content-type': 'application/json', 'content-length': bytes };
  const call = request(`${service.url}/webhook/${source}`, { method: 'POST', headers });
  call.write('{');
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const text = await answer.setEncoding('utf8').reduce((all: string, part: string) => all + part, '');
  call.destroy();
  return { status: answer.statusCode ?? 0, body: JSON.parse(text) as Answer };
}

async function post(source: Source, { rawBody, headers }: RecordedWebhook) {
  const url = `${service.url}/webhook/${source}`;
  const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(rawBody) });
  return { status: answer.status, body: JSON.parse(await answer.text()) as Answer };
}

const SIGNATURE = { plane: 'x-plane-signature', gitea: 'x-gitea-signature' } as const;
const DELIVERY = { plane: 'x-plane-delivery', gitea: 'x-gitea-delivery' } as const;

function signed(source: Source, rawBody: Buffer, headers: Record<string, string>): RecordedWebhook {
  const signature = createHmac('sha256', SECRET).update(rawBody).digest('hex');
  const own = { 'content-type': 'application/json', [SIGNATURE[source]]: signature };
  return { rawBody, headers: { ...headers, ...own } };
}

/** The recorded webhook with other content, and an id of its own. */
function changed(source: Source, name: string, change: (body: Body) => void): RecordedWebhook {
  const { rawBody, headers } = webhook(source, name);
  const body: Body = JSON.parse(rawBody.toString('utf8'));
  change(body);
  return signed(source, Buffer.from(JSON.stringify(body)), { ...headers, [DELIVERY[source]]: randomUUID() });
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a body of a foreign system, changed key by key
type Body = any;

async function deliveries(): Promise<readonly unknown[]> {
  return (await log.all()).filter(({ type }) => type === 'DeliveryReceived');
}

const DECLINED: Readonly<Record<Source, readonly string[]>> = {
  plane: [
    ...['cycle-created', 'module-created', 'project-deleted', 'project-updated', 'v2-workitem-comment-created'],
    ...['issue-comment-created', 'issue-comment-created-by-api', 'issue-comment-updated'],
  ],
  gitea: [],
};

describe.each(['plane', 'gitea'] as const)('recorded webhooks of %s, while tracker and forge are down', (source) => {
  test.each(webhookNames(source))('%s is taken with its place in the log, or declined with a reason', async (name) => {
    const before = (await deliveries()).length;
    const { status, body } = await post(source, webhook(source, name));
    if (DECLINED[source].includes(name)) {
      expect({ status, body }).toEqual({ status: 200, body: { accepted: false, reason: expect.stringMatching(/\w/) } });
      expect((await deliveries()).length).toBe(before);
      return;
    }
    expect({ status, body }).toEqual({ status: 202, body: { accepted: true, position: expect.any(Number) } });
    expect((await log.all()).find(({ position }) => position === body['position'])?.type).toBe('DeliveryReceived');
  });

  test('a delivery that was seen before is a duplicate', async () => {
    const name = source === 'plane' ? 'issue-created' : 'push';
    expect(await post(source, webhook(source, name))).toEqual({
      ...{ status: 200, body: { accepted: false, reason: 'duplicate' } },
    });
  });

  test.each([
    ['wrong', 'ab'.repeat(32)],
    ['empty', ''],
    ['missing', undefined],
  ])('a signature that is %s is refused, and leaves nothing in the log', async (_how, signature) => {
    const before = (await deliveries()).length;
    const { rawBody, headers } = changed(source, source === 'plane' ? 'issue-created' : 'push', () => undefined);
    const others = Object.fromEntries(Object.entries(headers).filter(([key]) => !key.includes('signature')));
    const given = signature === undefined ? others : { ...others, [SIGNATURE[source]]: signature };
    const { status, body } = await post(source, { rawBody, headers: given });
    expect({ status, body }).toEqual({
      ...{ status: 401, body: { error: { code: 'signature', message: expect.stringMatching(/signature/) } } },
    });
    expect((await deliveries()).length).toBe(before);
  });

  test('a body above 5 MiB is refused as soon as its size is announced', async () => {
    const { status, body } = await announce(source, 5 * 1024 * 1024 + 1);
    expect({ status, body }).toEqual({
      ...{ status: 413, body: { error: { code: 'payload-too-large', message: expect.any(String) } } },
    });
  });

  test.each([
    ['not JSON', '{"event": "iss', 'application/json'],
    ['empty', '', 'application/json'],
    ['of another kind', 'event=issue', 'application/x-www-form-urlencoded'],
  ])('a body that is %s is refused in the shape of every error', async (_what, text, type) => {
    const { rawBody, headers } = signed(source, Buffer.from(text), {});
    const { status, body } = await post(source, { rawBody, headers: { ...headers, 'content-type': type } });
    expect([400, 415]).toContain(status);
    expect(body).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
  });

  test.each(['null', '[]', '"text"', '7', '{}'])('%s is JSON, and nothing that anybody listens to', async (text) => {
    const { status, body } = await post(source, signed(source, Buffer.from(text), {}));
    expect({ status, body }).toEqual({ status: 200, body: { accepted: false, reason: expect.stringMatching(/\w/) } });
  });
});

describe('what a webhook may be about', () => {
  test('an unknown project of the workspace is declined by its name [WHP-20, PRJ-01]', async () => {
    const strange = randomUUID();
    const about = changed('plane', 'issue-created', (body) => (body.data.project = strange));
    const { status, body } = await post('plane', about);
    expect({ status, body }).toMatchObject({ status: 200, body: { accepted: false } });
    expect(body['reason']).toContain(strange);
  });

  test('an unknown repository is declined by its name', async () => {
    const about = changed('gitea', 'push', (body) =>
      Object.assign(body.repository, { name: 'x', full_name: 'acme/x' }),
    );
    const { status, body } = await post('gitea', about);
    expect({ status, body }).toMatchObject({ status: 200, body: { accepted: false } });
    expect(body['reason']).toContain('x');
  });

  test('an event of an unknown kind is declined', async () => {
    const { rawBody, headers } = changed('gitea', 'push', () => undefined);
    const given = { ...headers, 'x-gitea-event': 'wiki', 'x-gitea-event-type': 'wiki' };
    expect(await post('gitea', { rawBody, headers: given })).toMatchObject({ status: 200, body: { accepted: false } });
  });
});

describe('a repetition', () => {
  test('of a forge has the id of the first; the same bytes under another id are news', async () => {
    const first = changed('gitea', 'push', (body) => (body.after = 'a'.repeat(40)));
    expect((await post('gitea', first)).status).toBe(202);
    expect((await post('gitea', first)).body).toEqual({ accepted: false, reason: 'duplicate' });
    const again = { ...first, headers: { ...first.headers, [DELIVERY.gitea]: randomUUID() } };
    expect((await post('gitea', again)).status).toBe(202);
  });

  test('of a tracker has the same bytes under a new id, or the same id', async () => {
    const first = changed('plane', 'issue-created', (body) => (body.data.name = 'Repeated'));
    expect((await post('plane', first)).status).toBe(202);
    const retried = { ...first, headers: { ...first.headers, [DELIVERY.plane]: randomUUID() } };
    expect((await post('plane', retried)).body).toEqual({ accepted: false, reason: 'duplicate' });
    const other = changed('plane', 'issue-created', (body) => (body.data.name = 'Other bytes'));
    const sameId = { ...other, headers: { ...other.headers, [DELIVERY.plane]: first.headers[DELIVERY.plane] ?? '' } };
    expect((await post('plane', sameId)).body).toEqual({ accepted: false, reason: 'duplicate' });
  });

  test('of a tracker of version 2 has the event id of the first, with other bytes under another id', async () => {
    const first = changed('plane', 'v2-workitem-updated-state-approved', (body) => (body.event_id = randomUUID()));
    expect((await post('plane', first)).status).toBe(202);
    const eventId: string = JSON.parse(first.rawBody.toString('utf8')).event_id;
    const retried = changed('plane', 'v2-workitem-updated-state-approved', (body) => {
      Object.assign(body, { event_id: eventId, delivery_id: randomUUID() });
    });
    const headers = { ...retried.headers, [DELIVERY.plane]: randomUUID() };
    expect((await post('plane', { ...retried, headers })).body).toEqual({ accepted: false, reason: 'duplicate' });
  });

  test('is known to a service that was killed and started again [WHP-19]', async () => {
    const first = changed('plane', 'issue-created', (body) => (body.data.name = 'Before the kill'));
    expect((await post('plane', first)).status).toBe(202);
    const { folder: home, url } = service;
    await service.ready();
    const env = { ORCH_PLANE_URL: NOBODY, ORCH_PLANE_API_TOKEN: 'token', ORCH_PLANE_WORKSPACE: 'acme' };
    await service.stop('SIGKILL');
    const secrets = { ORCH_PLANE_WEBHOOK_SECRET: SECRET };
    service = await BuiltOrchestrator.start({
      folder: home,
      port: Number(new URL(url).port),
      env: { ...env, ...secrets },
    });
    expect((await post('plane', first)).body).toEqual({ accepted: false, reason: 'duplicate' });
    const other = changed('plane', 'issue-created', (body) => (body.data.name = 'After the kill'));
    const sameId = { ...other, headers: { ...other.headers, [DELIVERY.plane]: first.headers[DELIVERY.plane] ?? '' } };
    expect((await post('plane', sameId)).body).toEqual({ accepted: false, reason: 'duplicate' });
  });
});

test('every error outside the webhooks has the same shape', async () => {
  for (const [method, path] of [
    ['GET', '/nowhere'],
    ['DELETE', '/webhook/plane'],
    ['POST', '/serial-gate/freeze?repo=nobody'],
  ] as const) {
    const answer = await fetch(`${service.url}${path}`, { method });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const shape = { code: expect.any(String), message: expect.any(String) };
    expect(await answer.json()).toEqual({ error: expect.objectContaining(shape) });
  }
});
