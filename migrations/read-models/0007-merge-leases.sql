CREATE TABLE merge_leases (
  repo         TEXT    PRIMARY KEY,
  holder       TEXT    NOT NULL,
  work_item_id TEXT    NOT NULL,
  task_id      INTEGER NOT NULL,
  pid          INTEGER NOT NULL,
  start_ticks  INTEGER,
  boot_id      TEXT,
  acquired_at  TEXT    NOT NULL,
  expires_at   TEXT    NOT NULL,
  fence        INTEGER NOT NULL,
  position     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
