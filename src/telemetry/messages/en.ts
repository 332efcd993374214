/** Words in braces are the parameters; every language names the same ones. */
export const EN = {
  'stage-moved': '➡️ {workItem}: {from} → {to}',
  'sent-back': '↩️ {workItem}: sent back from {from} to {to}. Reason: {reason}',
  escalated:
    '🚨 {workItem}: stopped in {stage}, a person has to look. Reason: {reason}. ' +
    'Move the item to In Progress to let the work go on.',
  'work-failed':
    '🚨 {workItem}: the work in {stage} failed. Reason: {reason}. Move the item to In Progress to have it done again.',
  cancelled: '🛑 {workItem}: cancelled in {from}. Reason: {reason}',
  'approval-requested':
    '🟢 {workItem}: the analysis is complete and waits for approval. ' +
    'Read it on the branch, then move the item to Approved, or to Rejected with a comment that says why.',
  'confirmation-requested':
    '🟡 {workItem}: staging is fine, commit {head} waits for a person to confirm the production deploy. ' +
    'Code tree {tree}, on main at {base}. What the gates said: {verdicts}. ' +
    'Move the item to Confirm Deploy to deploy exactly this. Approved does not deploy.',
  'deploy-not-started':
    '🚨 {workItem}: the production deploy came to nothing. Reason: {reason}. ' +
    'Nothing was deployed; Confirm Deploy may be given again.',
  'deploy-not-restored':
    '🚨 {workItem}: production deploy {deploy} failed and production was not restored. A person must look now. Reason: {reason}',
  'production-held': '⏸️ {workItem}: confirmed, but not deployed yet. Reason: {reason}',
  'merged-code-differed':
    '🟠 {workItem}: the merge ({head}) came to code that was never staged. It is not deployed; it is staged first.',
  'deploy-confirmed': '🚀 {workItem}: {by} confirmed commit {head}. It is merged, and production is deployed.',
  'item-vanished':
    '🕳️ {workItem}: its item is gone from the tracker, so its task in {repo} is paused. Resume or cancel it here: nobody can steer it from the tracker any more.',
  'deploy-ended':
    '🚚 {workItem}: production deploy {deploy} is {verdict} (exit {exit}). {reason}. The log is 14-deploy-log.md on the branch.',
  'artifacts-not-merged':
    '📎 {workItem}: what was written after the merge stays on its branch in {repo}. Reason: {reason}. Merge it by hand if it is wanted.',
  'budget-reached':
    '💰 {purse}: {spent} of {limit} USD are spent, no further agent starts. Raise {setting} and restart to go on; ' +
    'what belongs to a day goes on by itself at 00:00 UTC.',
  'agents-parked': '⏸️ No agent starts before {until}. Reason: {reason}',
  'job-reaped': '🚨 {workItem}: job {job} ({agent} in {repo}) FAILED. It was {reason}',
  'reaper-stands-back':
    '🚨 {dead} of {all} running agents look dead at once. That is more likely our own blindness, so nothing is reaped until fewer do. ' +
    'Look at the disk, the clock and the folder {path}.',
  'merge-lease-reclaimed':
    '🔧 {repo}: the merge lease was taken from {workItem} ({branch}). Reason: {reason}. ' +
    'Its merge work is taken up again by itself; look at the log if this happens often.',
  'disk-nearly-full':
    '💽 The disk of {path} is {used} % full, {free} GiB are free; the limit is {limit} %. ' +
    'Make room: when it is full nothing can be recorded, and all work stops.',
  'gesture-ignored': 'ℹ️ {workItem}: {gesture} had no effect. Reason: {reason}',
  'post-deploy-healthy':
    '💚 {workItem}: production of {repo} stayed healthy after the deploy ({total} checks, {failed} failed).',
  'post-deploy-degraded':
    '🔥 {workItem}: production of {repo} is DEGRADED after the deploy ({failed} of {total} checks failed). Reason: {reason}. ' +
    'The repository is frozen: look at production, then unfreeze it by hand.',
  'post-deploy-degraded-again':
    '🆘 {workItem}: production of {repo} is DEGRADED for the {times}. time in a row. Reason: {reason}. ' +
    'Nothing more is done by itself: a person has to look at production now. The repository is frozen.',
  'post-deploy-inconclusive':
    '❔ {workItem}: nobody can say how production of {repo} is after the deploy ({total} checks, {failed} failed). ' +
    'Reason: {reason}. Look at it yourself.',
  'post-deploy-overtaken':
    'ℹ️ {workItem}: production of {repo} was watched until {reason} ({total} checks, {failed} failed).',
  'post-deploy-rollback': '⏪ {workItem}: production of {repo} goes back from {from} to {to}, which was seen healthy.',
  'post-deploy-rollback-failed':
    '🆘 {workItem}: the rollback of {repo} (deploy {deploy}) failed. Reason: {reason}. ' +
    'Nothing more is done by itself: a person has to look at production now.',
  unblocked: '🔓 {workItem}: unblocked in {stage}, its webhook was lost.',
  'webhooks-missed':
    '🔇 {source}: polling found {missed} changes since {since}, and no webhook came. ' +
    'Look in its settings whether the webhook is still active, and whether it can reach the orchestrator.',
  'webhooks-heard': '🔔 {source}: webhooks come again, {missed} were missed.',
  done: '✅ {workItem}: done. The change is merged and deployed.',
  usage: '🧾 {workItem}: this run cost {cost} USD ({input} tokens read, {output} tokens written).',
} as const;

export type MessageKey = keyof typeof EN;
