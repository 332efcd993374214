ALTER TABLE items ADD COLUMN entered_at TEXT;
