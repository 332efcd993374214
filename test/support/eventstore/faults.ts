import { Metadata, status, type ServiceError } from '@grpc/grpc-js';

/** What can go wrong between a client and its server; each number counts down to 0, which is health. */
export interface Faults {
  /** Appends that are committed and then never answered. */
  swallowedAnswers: number;
  /** Appends that are committed, and whose call is then ended without an answer. */
  halfClosedAnswers: number;
  /** Appends that are committed, and whose connection is then reset. */
  resetAnswers: number;
  /** Calls that are told that another node leads. */
  wrongLeader: number;
  /** Calls that find the server not ready. */
  unavailable: number;
  /** Reads that are accepted and then never answered. */
  silentReads: number;
  /** Every answer comes so much later. */
  delayMs: number;
  /** The answer to a repeated append says nothing of its position. */
  idempotentWithoutPosition: boolean;
  /** Nobody is let in. */
  denied: boolean;
  appendBytesMax: number;
}

export const HEALTHY: Readonly<Faults> = {
  swallowedAnswers: 0,
  halfClosedAnswers: 0,
  resetAnswers: 0,
  wrongLeader: 0,
  unavailable: 0,
  silentReads: 0,
  delayMs: 0,
  idempotentWithoutPosition: false,
  denied: false,
  appendBytesMax: 1_048_576,
};

type Counted = { [Name in keyof Faults]: Faults[Name] extends number ? Name : never }[keyof Faults];

/** Whether this call is one of those that fail so. */
export function strikes(faults: Faults, name: Counted): boolean {
  if (faults[name] <= 0) return false;
  faults[name] -= 1;
  return true;
}

export function refusalOf(faults: Faults, address: { readonly host: string; readonly port: number }) {
  if (faults.denied) return grpcError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
  if (strikes(faults, 'unavailable')) return grpcError(status.UNAVAILABLE, 'Server Is Not Ready', {});
  if (!strikes(faults, 'wrongLeader')) return null;
  const leader = { 'leader-endpoint-host': address.host, 'leader-endpoint-port': String(address.port) };
  return grpcError(status.NOT_FOUND, 'Leader info available', { exception: 'not-leader', ...leader });
}

export function tooLarge(bytesMax: number): ServiceError {
  const metadata = { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(bytesMax) };
  return grpcError(status.INVALID_ARGUMENT, `Maximum Append Size of ${bytesMax} Exceeded.`, metadata);
}

export function invalidPosition(): ServiceError {
  return grpcError(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition', {});
}

function grpcError(code: status, details: string, entries: Readonly<Record<string, string>>): ServiceError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}
