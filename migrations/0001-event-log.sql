-- The event log, format 1. Facts are only ever added: the triggers below hold for every program that opens the file.

-- `data` and `metadata` are the JSON exactly as it was hashed. `schema_version` and `correlation_id` repeat what the
-- metadata says, so that they can be selected. `hash` is the link of the chain: SHA-256 over the previous link, the
-- place of the event, and the SHA-256 of each payload, so that a payload could be taken out and the chain still hold.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  stream TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 0),
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  data TEXT NOT NULL,
  metadata TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  UNIQUE (stream, revision)
);

-- Every index ends with the position of its row, which SQLite adds by itself.
CREATE INDEX events_by_type ON events (type);
CREATE INDEX events_by_correlation ON events (correlation_id);

-- Where the log ends. The hash is that of the last event, of an empty log 32 zero bytes.
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  log_id TEXT NOT NULL,
  format_version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL
);
INSERT INTO head VALUES (1, lower(hex(randomblob(16))), 1, 0, zeroblob(32));

CREATE TRIGGER events_are_in_order BEFORE INSERT ON events
BEGIN
  SELECT RAISE(ABORT, 'an event takes the next position') FROM head WHERE head.position <> NEW.position - 1;
  SELECT RAISE(ABORT, 'an event continues its stream without a gap')
  WHERE NEW.revision > 0
    AND NOT EXISTS (SELECT 1 FROM events WHERE stream = NEW.stream AND revision = NEW.revision - 1);
END;

CREATE TRIGGER events_move_the_head AFTER INSERT ON events
BEGIN
  UPDATE head SET position = NEW.position, hash = NEW.hash;
END;

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN
  SELECT RAISE(ABORT, 'the event log is append-only: an event is never changed');
END;

CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN
  SELECT RAISE(ABORT, 'the event log is append-only: an event is never deleted');
END;

-- Position and hash of the head are not guarded here, because that would cost every append; `log verify` compares them.
CREATE TRIGGER log_keeps_its_identity BEFORE UPDATE OF log_id ON head
BEGIN
  SELECT RAISE(ABORT, 'an event log keeps its identity');
END;

CREATE TRIGGER head_stays BEFORE DELETE ON head
BEGIN
  SELECT RAISE(ABORT, 'the head of the event log is never deleted');
END;
