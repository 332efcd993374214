-- What a run said at its end beside its cost.

ALTER TABLE runs ADD COLUMN turns INTEGER;
ALTER TABLE runs ADD COLUMN session_id TEXT;

DROP VIEW agent_runs;
CREATE VIEW agent_runs AS
  SELECT r.run_id AS id, r.job_id, j.task_id, j.work_item_id, j.repo, j.agent, j.stage, r.attempt, r.fence, r.claimed_at,
         r.pid, r.start_ticks, r.boot_id, r.run_directory, r.run_directory AS output_path, r.started_at, r.finished_at,
         r.exit_code, r.signal, r.outcome, r.error, r.cost_usd, r.input_tokens, r.output_tokens, r.turns, r.session_id
    FROM runs r JOIN jobs j ON j.id = r.job_id;
