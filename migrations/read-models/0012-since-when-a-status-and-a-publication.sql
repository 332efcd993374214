ALTER TABLE items ADD COLUMN entered_at TEXT;

-- A job whose run has ended well holds no slot while its work is on the way to the forge.
ALTER TABLE jobs ADD COLUMN publishing_since TEXT;
