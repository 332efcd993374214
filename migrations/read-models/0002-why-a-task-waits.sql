-- For every task the events that brought about what it does or waits for now; a row goes when its matter is settled.
CREATE TABLE task_causes (
  id       TEXT    PRIMARY KEY,
  task_id  INTEGER NOT NULL,
  kind     TEXT    NOT NULL,
  position INTEGER NOT NULL,
  at       TEXT    NOT NULL,
  actor    TEXT    NOT NULL,
  detail   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX task_causes_by_task ON task_causes (task_id);

-- The event that declared it.
ALTER TABLE dependencies ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
