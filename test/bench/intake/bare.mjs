import fastify from 'fastify';
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { RawSqlite } from '../raw-sqlite.mjs';

/** What the service is compared with: a server that checks the HMAC over the raw bytes, writes the body durably, and answers. */
const [, , folder, secret] = process.argv;
const raw = await RawSqlite.open(join(folder, 'bare.db'));
const server = fastify({ bodyLimit: 5 * 1024 * 1024 });
server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
server.post('/webhook/gitea', async (request, reply) => {
  const expected = createHmac('sha256', secret).update(request.body).digest();
  if (!timingSafeEqual(expected, Buffer.from(request.headers['x-gitea-signature'], 'hex')))
    return reply.status(401).send();
  const data = { source: 'gitea', body: JSON.parse(request.body) };
  const metadata = { $correlationId: 'none', schemaVersion: 1 };
  const event = { id: randomUUID(), type: 'DeliveryReceived', data, metadata };
  await raw.insert(raw.rowsOf([{ stream: `inbox-${event.id}`, first: 0, events: [event] }]));
  return reply.status(202).send({ accepted: true });
});
await server.listen({ port: 0, host: '127.0.0.1' });
console.log(JSON.stringify({ port: server.server.address().port }));
