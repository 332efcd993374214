import { numberOf, type Recorded } from '../../kernel/event.js';
import type {
  CheckCounts,
  PostDeployEvent,
  ProbeAnswer,
  ProductionProbed,
  ReleaseAnnounced,
  Revision,
  RollbackOrdered,
  Schedule,
  WatchEnded,
  WatchLogPublished,
  WatchRef,
} from './events.js';

export interface RunningWatch {
  readonly ref: WatchRef;
  readonly schedule: Schedule;
  readonly counts: CheckCounts;
  /** The newest check that was reported. */
  readonly check: number;
  readonly failedInRow: number;
  /** The newest answer that production gave, good or bad; null before the first one. */
  readonly measured: Exclude<ProbeAnswer, 'unmeasured'> | null;
  readonly detail: string | null;
}

/** One repository's production. */
export interface PostDeployState {
  readonly watch: RunningWatch | null;
  /** The newest hooks that were asked for, in their order. */
  readonly releases: readonly Release[];
  /** What was last seen healthy for a whole window. */
  readonly verified: Revision | null;
  readonly degradedInRow: number;
  /** Ordered, and its end not heard of yet. */
  readonly rollback: (RollbackOrdered['data'] & { readonly deployId: number }) | null;
  /** The newest watches: armed once, each of them. */
  readonly known: readonly KnownWatch[];
}

export type Release = ReleaseAnnounced['data'];

export interface KnownWatch {
  readonly watchId: number;
  readonly taskId: number;
  readonly isRollback: boolean;
  /** The commit that holds its log; null before. */
  readonly loggedAs: string | null;
}

const KNOWN_MAX = 100;
const RELEASES_MAX = 20;

const NO_CHECKS: CheckCounts = { total: 0, failed: 0, unmeasured: 0, missed: 0 };

export const NOTHING_WATCHED: PostDeployState = {
  watch: null,
  releases: [],
  verified: null,
  degradedInRow: 0,
  rollback: null,
  known: [],
};

export function evolvePostDeploy(state: PostDeployState, event: Recorded<PostDeployEvent>): PostDeployState {
  if (event.type === 'RollbackOrdered') return { ...state, rollback: { ...event.data, deployId: numberOf(event) } };
  return applyPostDeploy(state, event);
}

/** Takes events that are not recorded yet, too: a decision looks at what its own first event leads to. */
export function applyPostDeploy(
  state: PostDeployState,
  event: Exclude<PostDeployEvent, RollbackOrdered>,
): PostDeployState {
  switch (event.type) {
    case 'ReleaseAnnounced':
      return { ...state, releases: [...state.releases, event.data].slice(-RELEASES_MAX) };
    case 'WatchArmed':
      return armed(state, event.data);
    case 'ProductionProbed':
      return state.watch ? { ...state, watch: probed(state.watch, event.data) } : state;
    case 'WatchEnded':
      return ended(state, event.data);
    case 'RollbackFailed':
      return { ...state, rollback: null };
    case 'WatchLogPublished':
      return { ...state, known: state.known.map((watch) => logged(watch, event.data)) };
  }
}

function armed(state: PostDeployState, { schedule, ...ref }: WatchRef & { readonly schedule: Schedule }) {
  const start = { counts: NO_CHECKS, check: 0, failedInRow: 0, measured: null, detail: null };
  const { watchId, taskId, rollbackOf } = ref;
  const isRollback = rollbackOf !== null;
  return {
    ...state,
    watch: { ref, schedule, ...start },
    rollback: isRollback ? null : state.rollback,
    known: [...state.known, { watchId, taskId, isRollback, loggedAs: null }].slice(-KNOWN_MAX),
  };
}

function probed(watch: RunningWatch, data: ProductionProbed['data']): RunningWatch {
  const { check, missed, answer, detail, failedInRow } = data;
  const { counts } = watch;
  return {
    ...watch,
    check,
    detail,
    failedInRow,
    measured: answer === 'unmeasured' ? watch.measured : answer,
    counts: {
      total: counts.total + 1,
      failed: counts.failed + (answer === 'failed' ? 1 : 0),
      unmeasured: counts.unmeasured + (answer === 'unmeasured' ? 1 : 0),
      missed: counts.missed + missed,
    },
  };
}

function ended(state: PostDeployState, data: WatchEnded['data']): PostDeployState {
  return { ...state, watch: null, verified: verifiedAfter(state.verified, data), degradedInRow: data.degradedInRow };
}

/** A revision that went bad is nothing to go back to. */
function verifiedAfter(verified: Revision | null, { status, revision }: WatchEnded['data']): Revision | null {
  if (status === 'HEALTHY') return revision ?? verified;
  return status === 'DEGRADED' && revision?.head === verified?.head ? null : verified;
}

function logged(watch: KnownWatch, { watchId, head }: WatchLogPublished['data']): KnownWatch {
  return watch.watchId === watchId ? { ...watch, loggedAs: head } : watch;
}
