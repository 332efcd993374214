import { breakerSaga } from './breaker.js';
import { budgetSaga } from './budget.js';
import { intakeSaga } from './intake.js';
import { landingSaga } from './landing.js';
import { mergeLeaseNewsSaga } from './merge-lease/news.js';
import { mergeWithdrawalSaga } from './merge-lease/withdrawal.js';
import { notifierSaga } from './notifier.js';
import { pipelineSaga } from './pipeline.js';
import { postDeployNewsSaga } from './post-deploy/news.js';
import { postDeploySaga } from './post-deploy/watch.js';
import type { Saga } from './saga.js';
import { serialGateSaga } from './serial-gate.js';
import { sourcesSaga } from './sources.js';

/** Every process that turns events into commands. */
export const SAGAS: readonly Saga[] = [
  intakeSaga,
  pipelineSaga,
  serialGateSaga,
  notifierSaga,
  budgetSaga,
  breakerSaga,
  postDeploySaga,
  postDeployNewsSaga,
  sourcesSaga,
  mergeWithdrawalSaga,
  mergeLeaseNewsSaga,
  landingSaga,
];
