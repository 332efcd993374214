-- Parts of a repository's serial gate that cannot answer, and which way the gate goes meanwhile (AMB-18). A row goes when they answer again.
CREATE TABLE gate_faults (
  id TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  repo TEXT NOT NULL,
  part TEXT NOT NULL,
  direction TEXT NOT NULL,
  error TEXT NOT NULL,
  since TEXT NOT NULL
) STRICT, WITHOUT ROWID;
