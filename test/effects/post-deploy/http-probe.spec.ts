import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { probe } from '../../../src/effects/post-deploy/http-probe.js';
import { freePort } from '../../support/built/free-port.mjs';

let server: Server;
let url: string;

/** `/503` is answered with that status, `/late` never, `/cut` by hanging up. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    if (path === 'late') return;
    if (path === 'cut') return void request.socket.destroy();
    response.writeHead(Number(path), { location: '/200' }).end(path === '204' ? undefined : 'x'.repeat(100_000));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('Production is', () => {
  test.each([200, 204])('ok when it answers %i', async (status) => {
    expect(await probe(`${url}/${status}`)).toEqual({ answer: 'ok', detail: `HTTP ${status}` });
  });

  test.each([302, 404, 500, 503])('failed when it answers %i; a redirect is not followed', async (status) => {
    expect(await probe(`${url}/${status}`)).toEqual({ answer: 'failed', detail: `HTTP ${status}` });
  });

  test('failed when the answer does not come in time', async () => {
    expect(await probe(`${url}/late`, { timeoutMs: 100 })).toEqual({
      answer: 'failed',
      detail: 'no answer within 0.1 s',
    });
  });

  test('not waited for by whoever goes: that is no answer', async () => {
    const stopping = new AbortController();
    const answer = probe(`${url}/late`, { stopping: stopping.signal });
    stopping.abort();
    await expect(answer).rejects.toThrow();
  });

  test('failed when it hangs up', async () => {
    expect(await probe(`${url}/cut`)).toMatchObject({
      answer: 'failed',
      detail: expect.stringContaining('UND_ERR_SOCKET'),
    });
  });

  test('failed when nobody listens where it should be', async () => {
    const refused = await probe(`http://127.0.0.1:${await freePort()}/health`);
    expect(refused).toEqual({ answer: 'failed', detail: 'nobody listens there (ECONNREFUSED)' });
  });
});

describe('Nothing is known of production', () => {
  test('when its name cannot be resolved', async () => {
    const answer = await probe('http://no-such-host.invalid/health');
    expect(answer).toMatchObject({ answer: 'unmeasured', detail: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN): /) });
  });

  test.each(['http://127.0.0.1:99999/health', 'not an address'])('when its address is none: %s', async (address) => {
    expect(await probe(address)).toMatchObject({ answer: 'unmeasured' });
  });
});
