import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ExpectedOnWire, ProposedEvent, StoredEvent } from './stored-events.js';

type ReadResp = InstanceType<typeof streams.ReadResp>;
type AppendReq = InstanceType<typeof streams.AppendReq>;
type AppendResp = InstanceType<typeof streams.AppendResp>;

const TICKS_PER_MS = 10_000n;

export function eventMessage(stored: StoredEvent): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  const id = new shared.UUID();
  id.setString(stored.id);
  recorded.setId(id);
  recorded.setStreamIdentifier(streamIdentifier(stored.stream));
  recorded.setStreamRevision(String(stored.revision));
  recorded.setPreparePosition(String(stored.position));
  recorded.setCommitPosition(String(stored.position));
  recorded.getMetadataMap().set('type', stored.type);
  recorded.getMetadataMap().set('content-type', stored.contentType);
  recorded.getMetadataMap().set('created', String(BigInt(stored.createdMs) * TICKS_PER_MS));
  recorded.setCustomMetadata(stored.metadata);
  recorded.setData(stored.data);
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(stored.position));
  return responseOf((response) => response.setEvent(event));
}

export function confirmation(): ReadResp {
  const confirmed = new streams.ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId('a-subscription');
  return responseOf((response) => response.setConfirmation(confirmed));
}

export function caughtUp(): ReadResp {
  return responseOf((response) => response.setCaughtUp(new streams.ReadResp.CaughtUp()));
}

export function checkpoint(position: number): ReadResp {
  const reached = new streams.ReadResp.Checkpoint();
  reached.setCommitPosition(String(position));
  reached.setPreparePosition(String(position));
  return responseOf((response) => response.setCheckpoint(reached));
}

export function streamNotFound(stream: string): ReadResp {
  const missing = new streams.ReadResp.StreamNotFound();
  missing.setStreamIdentifier(streamIdentifier(stream));
  return responseOf((response) => response.setStreamNotFound(missing));
}

export function success(last: StoredEvent, withPosition: boolean): AppendResp {
  const written = new streams.AppendResp.Success();
  written.setCurrentRevision(String(last.revision));
  if (withPosition) {
    const position = new streams.AppendResp.Position();
    position.setCommitPosition(String(last.position));
    position.setPreparePosition(String(last.position));
    written.setPosition(position);
  } else written.setNoPosition(new shared.Empty());
  const response = new streams.AppendResp();
  response.setSuccess(written);
  return response;
}

export function wrongVersion(expected: ExpectedOnWire, current: number | 'no-stream'): AppendResp {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (current === 'no-stream') wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(current));
  if (typeof expected === 'number') wrong.setExpectedRevision(String(expected));
  else wrong.setExpectedNoStream(new shared.Empty());
  const response = new streams.AppendResp();
  response.setWrongExpectedVersion(wrong);
  return response;
}

export interface ProposedAppend {
  readonly stream: string;
  readonly expected: ExpectedOnWire;
  readonly events: readonly ProposedEvent[];
}

/** The first message names the stream, each further one is an event. */
export function proposedAppend([header, ...messages]: readonly AppendReq[]): ProposedAppend {
  const options = header?.getOptions();
  if (!options) throw new Error('An append begins with its options');
  return {
    stream: streamNameOf(options.getStreamIdentifier()),
    expected: expectedOf(options),
    events: messages.map((message) => proposedEvent(message)),
  };
}

export function streamNameOf(identifier: InstanceType<typeof shared.StreamIdentifier> | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

function proposedEvent(request: AppendReq): ProposedEvent {
  const message = request.getProposedMessage();
  if (!message) throw new Error('After its options an append has events');
  return {
    id: message.getId()?.getString() ?? '',
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

function expectedOf(options: NonNullable<ReturnType<AppendReq['getOptions']>>): ExpectedOnWire {
  if (options.hasNoStream()) return 'no-stream';
  if (options.hasAny()) return 'any';
  return options.hasStreamExists() ? 'stream-exists' : Number(options.getRevision());
}

function streamIdentifier(stream: string) {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(stream, 'utf8')));
  return identifier;
}

function responseOf(fill: (response: ReadResp) => unknown): ReadResp {
  const response = new streams.ReadResp();
  fill(response);
  return response;
}
