import type { OpenIntent } from '../../event-log/verify/open-intents.js';

/** The same of a file and of a shared store. */
export type Verified =
  | {
      readonly intact: true;
      readonly head: { readonly position: number; readonly hash: string };
      readonly events: number;
      readonly streams: number;
      /** Written, and without effect; a file has none. */
      readonly voidEvents?: number;
      readonly openIntents: readonly OpenIntent[];
    }
  | { readonly intact: false; readonly position: number; readonly why: string; readonly sentence: string };
