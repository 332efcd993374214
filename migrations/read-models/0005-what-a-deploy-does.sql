-- Whether a deploy brought something new or undid what was there.

ALTER TABLE deploys ADD COLUMN action TEXT NOT NULL DEFAULT 'deploy';
