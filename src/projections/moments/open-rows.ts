import { NOT_TERMINAL } from '../task/tasks.js';

// SQLite would rather pass all tasks in another index.
const UNFINISHED_TASKS = `SELECT id FROM tasks INDEXED BY tasks_open WHERE ${NOT_TERMINAL}`;
const LAST_DAY = `SELECT substr(max(finished_at), 1, 10) FROM runs`;

/**
 * Which rows of a table still matter to what is under way: a moment keeps these and lets the settled ones go, so that its size
 * is that of the work and not of the past. A table that is not here is kept whole.
 */
export const OPEN_ROWS: Readonly<Record<string, string>> = {
  tasks: NOT_TERMINAL,
  // With the newest ones, which the queue shows whatever became of them.
  jobs: `status IN ('queued', 'running') OR id IN (SELECT id FROM jobs ORDER BY id DESC LIMIT 10)`,
  // What was spent on the last day is still counted.
  runs: `finished_at IS NULL OR finished_at >= (${LAST_DAY})`,
  deploys: `finished_at IS NULL OR task_id IN (${UNFINISHED_TASKS})`,
  // One look per source; to group the table would read all of it.
  deliveries: `position IN (${['plane', 'gitea'].map(newestOf).join(', ')})`,
  items: `task_id IN (${UNFINISHED_TASKS})`,
  repo_freeze: 'cleared_at IS NULL',
  dependencies: `task_id IN (${UNFINISHED_TASKS})`,
  task_causes: `task_id IN (${UNFINISHED_TASKS})`,
  // What ends at midnight is booked after it.
  budgets: `scope = 'day' AND purse >= coalesce(date((${LAST_DAY}), '-1 day'), '') OR purse IN (SELECT work_item_id FROM tasks WHERE ${NOT_TERMINAL})`,
  post_deploy_watches: `position IS NULL OR position = (SELECT max(position) FROM post_deploy_watches)`,
};

function newestOf(source: string): string {
  return `(SELECT max(position) FROM deliveries WHERE source = '${source}')`;
}

/** Rows that are counted even when they are gone, and by which column. */
export const COUNTED: Readonly<Record<string, string>> = { jobs: 'status' };

/** Tables whose rows about one work item are folded from its own events alone. */
export const OF_WORK_ITEM: readonly string[] = ['tasks', 'jobs', 'runs', 'deploys', 'task_causes'];
