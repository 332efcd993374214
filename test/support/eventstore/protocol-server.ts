import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featureMessages from '@eventstore/db-client/generated/serverfeatures_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import * as grpc from '@grpc/grpc-js';
import { setTimeout as delay } from 'node:timers/promises';
import { HEALTHY, refusalOf, strikes, tooLarge, type Faults } from './faults.js';
import * as messages from './messages.js';
import { Reads } from './reads.js';
import { StoredEvents } from './stored-events.js';
import { Wire } from './wire.js';

type AppendCall = grpc.ServerReadableStream<never, unknown>;
type Answer = (error: grpc.ServiceError | null, value?: unknown) => void;

export interface ProtocolServerOptions {
  readonly port?: number;
  /** Where positions begin, and how much further than its size each event moves them. */
  readonly holes?: { readonly first?: number; readonly step?: number };
}

/** Speaks the protocol of EventStoreDB / KurrentDB as far as the client asks for it; its faults can be switched. */
export class ProtocolServer {
  readonly faults: Faults = { ...HEALTHY };
  readonly store: StoredEvents;
  /** Told of every call before it is looked at. */
  onCall: () => void = () => undefined;
  /** Also of those that never became whole. */
  appendsBegun = 0;
  readonly #wire = new Wire(() => this.#innerPort);
  readonly #reads: Reads;
  #grpc: grpc.Server | undefined;
  #innerPort = 0;
  #port = 0;

  private constructor({ holes = {} }: ProtocolServerOptions) {
    this.store = new StoredEvents(holes);
    this.#reads = new Reads(this.store, this.faults);
  }

  static async start(options: ProtocolServerOptions = {}): Promise<ProtocolServer> {
    const server = new ProtocolServer(options);
    await server.up(options.port);
    return server;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** With everything that was committed before. */
  async up(port = this.#port): Promise<void> {
    const server = new grpc.Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
    server.addService(services.StreamsService, this.#streams());
    server.addService(features.ServerFeaturesService, { getSupportedMethods: supportedMethods });
    const credentials = grpc.ServerCredentials.createInsecure();
    this.#innerPort = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    this.#grpc = server;
    this.#port = await this.#wire.plug(port);
  }

  async down(): Promise<void> {
    await this.#wire.unplug();
    this.#reads.forget();
    this.#grpc?.forceShutdown();
    this.#grpc = undefined;
  }

  /** Every connection is reset under whoever uses it. */
  cut(): void {
    this.#wire.cut();
  }

  /** Every subscription ends as if the server had nothing more to say, without an error. */
  endSubscriptions(): void {
    this.#reads.endSubscriptions();
  }

  get subscriptions(): number {
    return this.#reads.subscriptions;
  }

  #streams(): grpc.UntypedServiceImplementation {
    const unsupported = (_: unknown, answer: Answer): void =>
      answer(Object.assign(new Error('not played'), { code: grpc.status.UNIMPLEMENTED }) as grpc.ServiceError);
    return {
      append: ((call: AppendCall, answer: Answer) => this.#collect(call, answer)) as never,
      read: ((call: grpc.ServerWritableStream<never, unknown>) => {
        this.onCall();
        const refusal = refusalOf(this.faults, { host: '127.0.0.1', port: this.#port });
        if (refusal) call.emit('error', refusal);
        else void this.#reads.serve(call);
      }) as never,
      // Accepts and never answers, which is what makes a client that uses it hang.
      batchAppend: (() => undefined) as never,
      delete: unsupported as never,
      tombstone: unsupported as never,
    };
  }

  /** All of it or nothing: what was cut off in the middle also ends, with the events that had come until then. */
  #collect(call: AppendCall, answer: Answer): void {
    const received: never[] = [];
    this.appendsBegun += 1;
    const { cuts } = this.#wire;
    const isWhole = (): boolean => !call.cancelled && this.#wire.cuts === cuts;
    call.on('data', (message: never) => received.push(message));
    // That a call was cancelled is told only after its end.
    call.on('end', () => setImmediate(() => isWhole() && void this.#append(received, call, answer)));
    call.on('error', () => undefined);
  }

  async #append(received: readonly never[], call: AppendCall, answer: Answer): Promise<void> {
    this.onCall();
    const refusal = refusalOf(this.faults, { host: '127.0.0.1', port: this.#port });
    if (refusal) return answer(refusal);
    if (this.faults.delayMs > 0) await delay(this.faults.delayMs);
    const { stream, expected, events } = messages.proposedAppend(received);
    const bytes = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
    if (bytes > this.faults.appendBytesMax) return answer(tooLarge(this.faults.appendBytesMax));
    const verdict = this.store.append(stream, expected, events);
    if (verdict.kind === 'wrong-version') return answer(null, messages.wrongVersion(expected, verdict.current));
    this.#reads.appended();
    if (this.#isAnswerLost(call)) return;
    const withPosition = verdict.kind === 'written' || !this.faults.idempotentWithoutPosition;
    answer(null, messages.success(verdict.last, withPosition));
  }

  /** What was appended stays; whoever waits for the answer does not get it. */
  #isAnswerLost(call: AppendCall): boolean {
    if (strikes(this.faults, 'swallowedAnswers')) return true;
    if (strikes(this.faults, 'resetAnswers')) {
      this.cut();
      return true;
    }
    if (!strikes(this.faults, 'halfClosedAnswers')) return false;
    call.destroy();
    return true;
  }
}

/** With the batch path, as every server of today has it. */
function supportedMethods(_: unknown, answer: Answer): void {
  const method = new featureMessages.SupportedMethod();
  method.setMethodName('batchappend');
  method.setServiceName('event_store.client.streams.streams');
  const supported = new featureMessages.SupportedMethods();
  supported.setEventStoreServerVersion('24.10.0');
  supported.addMethods(method);
  answer(null, supported);
}
