import { admissionDecider } from '../domain/admission/decide.js';
import { breakerDecider } from '../domain/breaker/decide.js';
import { budgetDecider } from '../domain/budget/decide.js';
import { deployDecider } from '../domain/deploy/decide.js';
import { inboxDecider } from '../domain/inbox/decide.js';
import { jobDecider } from '../domain/job/decide.js';
import { mergeLeaseDecider } from '../domain/merge-lease/decide.js';
import { landingDecider } from '../domain/landing/decide.js';
import { leadershipDecider } from '../domain/leadership/decide.js';
import { notificationDecider } from '../domain/notification/decide.js';
import { postDeployDecider } from '../domain/post-deploy/decide.js';
import { settingsDecider } from '../domain/settings/decide.js';
import { sourceDecider } from '../domain/source/decide.js';
import { taskDecider } from '../domain/task/decide.js';
import type { AnyDecider } from '../kernel/decider.js';

/** Every noun that decides. */
export const DECIDERS: readonly AnyDecider[] = [
  taskDecider,
  jobDecider,
  admissionDecider,
  mergeLeaseDecider,
  deployDecider,
  landingDecider,
  postDeployDecider,
  inboxDecider,
  notificationDecider,
  leadershipDecider,
  settingsDecider,
  budgetDecider,
  breakerDecider,
  sourceDecider,
];
