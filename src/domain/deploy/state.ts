import type { Recorded } from '../../kernel/event.js';
import type { DeployEvent, DeployRequested } from './events.js';

export type DeployState =
  | { readonly status: 'absent' }
  | { readonly status: 'withdrawn' }
  | {
      readonly status: 'requested' | 'claimed' | 'started' | 'finished' | 'logged' | 'not-started';
      readonly facts: DeployRequested['data'];
    };

export const NO_DEPLOY: DeployState = { status: 'absent' };

export function evolveDeploy(state: DeployState, event: Recorded<DeployEvent>): DeployState {
  if (event.type === 'DeployRequested') return { status: 'requested', facts: event.data };
  if (event.type === 'DeployWithdrawn') return { status: 'withdrawn' };
  if (state.status === 'absent' || state.status === 'withdrawn') return state;
  switch (event.type) {
    case 'DeployClaimed':
      return { ...state, status: 'claimed' };
    case 'DeployStarted':
      return { ...state, status: 'started' };
    case 'DeployStartFailed':
      return { ...state, status: 'not-started' };
    case 'DeployFinished':
      return { ...state, status: 'finished' };
    case 'DeployLogPublished':
      return { ...state, status: 'logged' };
  }
}
