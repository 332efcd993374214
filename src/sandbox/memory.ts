import { randomBytes } from 'node:crypto';

/** What the sandbox as a whole remembers; each server keeps its own state beside it. */
export interface SandboxMemory {
  readonly owner: string;
  readonly projects: readonly { readonly prefix: string; readonly repo: string }[];
  readonly forgeWebhookSecret: string;
  ports: { readonly tracker: number; readonly forge: number; readonly environments: number };
}

export function newMemory(
  projects: SandboxMemory['projects'] = [{ prefix: 'SBX', repo: 'sandbox' }],
  ports: Partial<SandboxMemory['ports']> = {},
): SandboxMemory {
  return {
    owner: 'acme',
    projects,
    forgeWebhookSecret: randomBytes(24).toString('hex'),
    ports: { tracker: ports.tracker ?? 0, forge: ports.forge ?? 0, environments: ports.environments ?? 0 },
  };
}
