CREATE TABLE unblocks (
  id             TEXT    PRIMARY KEY,
  total          INTEGER NOT NULL,
  last_work_item TEXT    NOT NULL,
  last_at        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_sources (
  source             TEXT    PRIMARY KEY,
  told_total         INTEGER NOT NULL,
  told_timed         INTEGER NOT NULL,
  told_delay_ms      INTEGER NOT NULL,
  told_delay_ms_max  INTEGER NOT NULL,
  found_total        INTEGER NOT NULL,
  found_timed        INTEGER NOT NULL,
  found_delay_ms     INTEGER NOT NULL,
  found_delay_ms_max INTEGER NOT NULL,
  silent_since       TEXT
) STRICT, WITHOUT ROWID;
