CREATE TABLE budgets (
  id           TEXT    PRIMARY KEY,
  scope        TEXT    NOT NULL,
  purse        TEXT    NOT NULL,
  total_usd    REAL,
  unknown_runs INTEGER NOT NULL,
  booked_at    TEXT    NOT NULL,
  position     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE breaker (
  id                   TEXT    PRIMARY KEY,
  consecutive_failures INTEGER NOT NULL,
  open_until           TEXT,
  opened_at            TEXT,
  opened_position      INTEGER,
  parked_until         TEXT,
  parked_at            TEXT,
  parked_position      INTEGER,
  reason               TEXT
) STRICT, WITHOUT ROWID;
