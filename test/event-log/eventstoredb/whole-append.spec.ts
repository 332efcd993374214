import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import * as grpc from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ProtocolServer } from '../../support/eventstore/protocol-server.js';
import { until } from '../../support/until.js';

type Call = grpc.ClientWritableStream<unknown>;

let server: ProtocolServer;
let client: InstanceType<typeof services.StreamsClient>;

beforeEach(async () => {
  server = await ProtocolServer.start();
  const address = server.url.replace(/^esdb:\/\//, '').replace(/\?.*$/, '');
  client = new services.StreamsClient(address, grpc.credentials.createInsecure());
});
afterEach(async () => {
  client.close();
  await server.down();
});

/** An append on the wire: first where to, then one message for each event. */
function begin(): { readonly call: Call; readonly settled: Promise<unknown> } {
  let settle: (error: unknown) => void = () => undefined;
  const settled = new Promise((resolve) => (settle = resolve));
  const call = client.append((error: unknown) => settle(error)) as unknown as Call;
  call.on('error', () => undefined);
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from('task-1'));
  const options = new streams.AppendReq.Options();
  options.setStreamIdentifier(identifier);
  options.setNoStream(new shared.Empty());
  const request = new streams.AppendReq();
  request.setOptions(options);
  call.write(request);
  return { call, settled };
}

function event(): unknown {
  const id = new shared.UUID();
  id.setString(randomUUID());
  const proposed = new streams.AppendReq.ProposedMessage();
  proposed.setId(id);
  proposed.getMetadataMap().set('type', 'Happened').set('content-type', 'application/json');
  proposed.setData(Buffer.from('{}'));
  const request = new streams.AppendReq();
  request.setProposedMessage(proposed);
  return request;
}

/** A later append that is there proves that the server has got over the earlier one. */
async function appendWhole(): Promise<void> {
  const { call, settled } = begin();
  call.write(event());
  call.write(event());
  call.end();
  expect(await settled).toBeNull();
}

test('an append that is cut off between its events leaves none of them', async () => {
  const { call, settled } = begin();
  await new Promise((resolve) => call.write(event(), resolve));
  await until(() => server.appendsBegun > 0, 'the server has the beginning of the append');
  server.cut();
  expect(await settled).toMatchObject({ code: grpc.status.UNAVAILABLE });
  await until(async () => appendWhole().then(() => true), 'the connection is made again');
  expect(server.store.all.map(({ stream, revision }) => [stream, revision])).toEqual([
    ['task-1', 0],
    ['task-1', 1],
  ]);
});

test('an append that is cancelled between its events leaves none of them', async () => {
  const { call, settled } = begin();
  await new Promise((resolve) => call.write(event(), resolve));
  await until(() => server.appendsBegun > 0, 'the server has the beginning of the append');
  call.cancel();
  expect(await settled).toMatchObject({ code: grpc.status.CANCELLED });
  await appendWhole();
  expect(server.store.all).toHaveLength(2);
});
