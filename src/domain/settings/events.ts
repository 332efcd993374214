import type { DomainEvent } from '../../kernel/event.js';
import type { Policy } from '../../kernel/pipeline/policy.js';

/** The switches in force from here on, when they differ from the last recorded ones; nothing secret. */
export type SettingsChanged = DomainEvent<
  'SettingsChanged',
  {
    readonly values: Policy;
    /** SHA-256 over the canonical JSON of the values. */ readonly hash: string;
    readonly version: string;
  }
>;

export type SettingsEvent = SettingsChanged;
