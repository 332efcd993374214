import { dependencies } from './admission/dependencies.js';
import { freezes } from './admission/freezes.js';
import { gateFaults } from './admission/gate-faults.js';
import { breaker } from './breaker/breaker.js';
import { budgets } from './budget/budgets.js';
import { deploys } from './deploy/deploys.js';
import { openEffects } from './effect/open-effects.js';
import type { AnyReadModel } from './engine/read-model.js';
import { deliveries } from './inbox/deliveries.js';
import { items } from './inbox/items.js';
import { jobs } from './job/jobs.js';
import { runs } from './job/runs.js';
import { watches } from './post-deploy/watches.js';
import { webhookSources } from './source/webhook-sources.js';
import { mergeLeases } from './merge-lease/merge-leases.js';
import { tasks } from './task/tasks.js';
import { unblocks } from './task/unblocks.js';
import { taskCauses } from './why/task-causes.js';

/** Every table that is folded from the log. */
export const READ_MODELS: readonly AnyReadModel[] = [
  tasks,
  jobs,
  runs,
  deploys,
  openEffects,
  deliveries,
  items,
  freezes,
  gateFaults,
  dependencies,
  taskCauses,
  budgets,
  breaker,
  mergeLeases,
  watches,
  unblocks,
  webhookSources,
];
