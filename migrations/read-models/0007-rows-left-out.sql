-- How many rows a file of a past moment was made without, because they were settled by then. The live file has them all, and nothing here.
CREATE TABLE settled_rows (
  of   TEXT    NOT NULL,
  kind TEXT    NOT NULL,
  rows INTEGER NOT NULL,
  PRIMARY KEY (of, kind)
) STRICT, WITHOUT ROWID;
