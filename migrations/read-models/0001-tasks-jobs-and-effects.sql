-- Read models are derived: a file that does not fit is thrown away and built again from the log.
-- Names and columns of tasks, jobs, agent_runs, repo_freeze and job_deps are those that operators know.

CREATE TABLE checkpoint (
  only        INTEGER PRIMARY KEY CHECK (only = 1),
  log_id      TEXT    NOT NULL,
  position    INTEGER NOT NULL,
  fingerprint TEXT    NOT NULL
);

CREATE TABLE tasks (
  id                        INTEGER PRIMARY KEY,
  plane_id                  TEXT    NOT NULL,
  work_item_id              TEXT    NOT NULL,
  project_id                TEXT    NOT NULL,
  repo                      TEXT    NOT NULL,
  branch                    TEXT    NOT NULL,
  stage                     TEXT    NOT NULL,
  title                     TEXT    NOT NULL,
  description               TEXT    NOT NULL,
  visit                     INTEGER NOT NULL,
  round                     INTEGER NOT NULL,
  escalated                 INTEGER NOT NULL,
  developer_retries         INTEGER NOT NULL,
  track                     TEXT,
  paused_at                 TEXT,
  cancelled_at              TEXT,
  admitted_at               TEXT,
  waits                     TEXT    NOT NULL,
  stage_entered_at          TEXT    NOT NULL,
  created_at                TEXT    NOT NULL,
  updated_at                TEXT    NOT NULL,
  pull_request              INTEGER,
  head                      TEXT,
  code_tree                 TEXT,
  artifacts                 TEXT,
  merged_commit             TEXT,
  approval_requested_at     TEXT,
  confirmation_requested_at TEXT,
  gate                      TEXT,
  gate_answer               TEXT,
  gate_reason               TEXT,
  failure                   TEXT
) STRICT;
CREATE INDEX tasks_by_work_item ON tasks (work_item_id);
CREATE INDEX tasks_by_plane_id ON tasks (plane_id);
CREATE INDEX tasks_by_repo_and_stage ON tasks (repo, stage);
CREATE INDEX tasks_by_branch ON tasks (repo, branch);

CREATE TABLE jobs (
  id                 INTEGER PRIMARY KEY,
  agent              TEXT    NOT NULL,
  repo               TEXT    NOT NULL,
  task_id            INTEGER,
  work_item_id       TEXT,
  stage              TEXT    NOT NULL,
  visit              INTEGER NOT NULL,
  round              INTEGER NOT NULL,
  status             TEXT    NOT NULL,
  attempts           INTEGER NOT NULL,
  max_attempts       INTEGER NOT NULL,
  transient_attempts INTEGER NOT NULL,
  available_at       TEXT,
  run_id             TEXT,
  pid                INTEGER,
  fence              INTEGER,
  worker             TEXT,
  task_content       TEXT,
  released           INTEGER NOT NULL,
  waits              TEXT    NOT NULL,
  error              TEXT,
  queued_at          TEXT    NOT NULL,
  started_at         TEXT,
  finished_at        TEXT
) STRICT;
CREATE INDEX jobs_by_status ON jobs (status, id);
CREATE INDEX jobs_by_task ON jobs (task_id, id);
CREATE INDEX jobs_by_work_item ON jobs (work_item_id, id);

CREATE TABLE runs (
  run_id        TEXT    PRIMARY KEY,
  job_id        INTEGER NOT NULL,
  attempt       INTEGER NOT NULL,
  fence         INTEGER NOT NULL,
  claimed_at    TEXT    NOT NULL,
  pid           INTEGER,
  start_ticks   INTEGER,
  boot_id       TEXT,
  run_directory TEXT,
  started_at    TEXT,
  finished_at   TEXT,
  exit_code     INTEGER,
  signal        TEXT,
  outcome       TEXT,
  error         TEXT,
  cost_usd      REAL,
  input_tokens  INTEGER,
  output_tokens INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_job ON runs (job_id, attempt);
CREATE INDEX runs_by_end ON runs (finished_at);

-- Which task and which role a run belongs to never changes and stands with its job.
CREATE VIEW agent_runs AS
  SELECT r.run_id AS id, r.job_id, j.task_id, j.work_item_id, j.repo, j.agent, j.stage, r.attempt, r.fence, r.claimed_at,
         r.pid, r.start_ticks, r.boot_id, r.run_directory, r.run_directory AS output_path, r.started_at, r.finished_at,
         r.exit_code, r.signal, r.outcome, r.error, r.cost_usd, r.input_tokens, r.output_tokens
    FROM runs r JOIN jobs j ON j.id = r.job_id;

CREATE TABLE deploys (
  id            INTEGER PRIMARY KEY,
  task_id       INTEGER NOT NULL,
  work_item_id  TEXT    NOT NULL,
  repo          TEXT    NOT NULL,
  environment   TEXT    NOT NULL,
  stage         TEXT    NOT NULL,
  visit         INTEGER NOT NULL,
  round         INTEGER NOT NULL,
  head          TEXT    NOT NULL,
  code_tree     TEXT    NOT NULL,
  status        TEXT    NOT NULL,
  pid           INTEGER,
  start_ticks   INTEGER,
  boot_id       TEXT,
  run_directory TEXT,
  requested_at  TEXT    NOT NULL,
  started_at    TEXT,
  finished_at   TEXT,
  verdict       TEXT,
  exit_code     INTEGER,
  reason        TEXT,
  checks        TEXT    NOT NULL,
  waived        TEXT    NOT NULL
) STRICT;
CREATE INDEX deploys_by_task ON deploys (task_id, id);
CREATE INDEX deploys_by_status ON deploys (status, id);

CREATE TABLE repo_freeze (
  id           TEXT PRIMARY KEY,
  position     INTEGER NOT NULL,
  repo         TEXT NOT NULL,
  reason       TEXT,
  work_item_id TEXT,
  frozen_by    TEXT NOT NULL,
  frozen_at    TEXT NOT NULL,
  cleared_by   TEXT,
  cleared_at   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX repo_freeze_active ON repo_freeze (repo) WHERE cleared_at IS NULL;

CREATE TABLE dependencies (
  id          TEXT    PRIMARY KEY,
  task_id     INTEGER NOT NULL,
  depends_on  TEXT    NOT NULL,
  declared_by TEXT    NOT NULL,
  declared_at TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dependencies_by_task ON dependencies (task_id);

-- A dependency names a work item, which may get its task later.
CREATE VIEW job_deps AS
  SELECT d.task_id, t.id AS depends_on_task_id
    FROM dependencies d JOIN tasks t ON t.work_item_id = d.depends_on;

CREATE TABLE open_effects (
  effect_id    TEXT    PRIMARY KEY,
  type         TEXT    NOT NULL,
  stream       TEXT    NOT NULL,
  position     INTEGER NOT NULL,
  work_item_id TEXT    NOT NULL,
  requested_at TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX open_effects_by_position ON open_effects (position);

CREATE TABLE deliveries (
  position    INTEGER PRIMARY KEY,
  source      TEXT    NOT NULL,
  delivery_id TEXT,
  digest      TEXT    NOT NULL,
  event       TEXT    NOT NULL,
  received_at TEXT    NOT NULL
) STRICT;
CREATE INDEX deliveries_by_id ON deliveries (source, delivery_id) WHERE delivery_id IS NOT NULL;
CREATE INDEX deliveries_by_digest ON deliveries (source, digest);

CREATE TABLE items (
  id              TEXT PRIMARY KEY,
  project_id      TEXT NOT NULL,
  work_item_id    TEXT NOT NULL,
  repo            TEXT NOT NULL,
  status_id       TEXT NOT NULL,
  status_key      TEXT,
  task_id         INTEGER,
  observed_at     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_project ON items (project_id);
