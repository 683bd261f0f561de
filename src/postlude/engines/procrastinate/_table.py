"""The table beside procrastinate's own: which task a job is, and what became of it."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS postlude_tasks (
    task_id text PRIMARY KEY,
    job_id bigint NOT NULL UNIQUE REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,
    status text NOT NULL DEFAULT 'pending',
    result text,
    error text,
    attempts integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    crashes integer NOT NULL DEFAULT 0,
    due_at timestamptz,
    enqueued_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    ended_at timestamptz
)
"""
IS_THERE = "SELECT to_regclass('postlude_tasks') IS NOT NULL"
# Two processes that create a table at one time would stumble over each other.
ALONE = "SELECT pg_advisory_xact_lock(7067105003)"

# By the clock of the database: those of producers and workers may differ.
DUE = "SELECT now() + %s::float8 * interval '1 second'"
SUBMIT = "INSERT INTO postlude_tasks (task_id, job_id, due_at) VALUES (%s, %s, %s)"

STATUS = """
SELECT task.status, task.result, task.error, task.attempts, task.enqueued_at, task.started_at,
    task.ended_at, job.status::text, task.failures + task.crashes
FROM postlude_tasks AS task JOIN procrastinate_jobs AS job ON job.id = task.job_id
WHERE task.task_id = %s
"""

FIND = "SELECT job_id FROM postlude_tasks WHERE task_id = %s"
CANCEL = """
UPDATE postlude_tasks SET status = 'cancelled', error = 'it was cancelled', ended_at = now()
WHERE task_id = %s
"""

# A message that another program has put in as a job of its own has no row yet.
BEGIN = """
INSERT INTO postlude_tasks AS known (task_id, job_id, status, attempts, started_at)
VALUES (%s, %s, 'running', 1, now())
ON CONFLICT (task_id) DO UPDATE SET status = 'running', attempts = known.attempts + 1,
    started_at = now(), ended_at = NULL, due_at = NULL, error = NULL
WHERE known.job_id = EXCLUDED.job_id
RETURNING attempts, failures
"""

# Another worker may have the task by now: then `attempts` has moved on.
SETTLE = """
UPDATE postlude_tasks SET status = %(status)s, result = %(result)s, error = %(error)s,
    failures = failures + CASE WHEN %(status)s IN ('retrying', 'failed', 'timed_out') THEN 1 ELSE 0
        END,
    due_at = now() + %(delay)s::float8 * interval '1 second',
    ended_at = CASE WHEN %(delay)s::float8 IS NULL THEN now() END
WHERE job_id = %(job_id)s AND attempts = %(attempts)s AND status = 'running'
RETURNING due_at
"""
RELEASE = """
UPDATE postlude_tasks
SET status = CASE WHEN failures + crashes > 0 THEN 'retrying' ELSE 'pending' END,
    attempts = attempts - 1, started_at = NULL
WHERE job_id = %s AND attempts = %s AND status = 'running'
"""
REFUSE = """
UPDATE postlude_tasks SET status = 'failed', error = %s, ended_at = now() WHERE job_id = %s
"""

# Jobs whose worker is gone. An attempt that was under way has cost that worker its life, as far as
# anybody can know; one whose end was noted gets the end that it had. What is to run again is a new
# job, so that a worker that was only slow cannot end it.
RESCUE = """
WITH lost AS MATERIALIZED (
    SELECT job.*, task.status AS stood, task.due_at,
        COALESCE(task.crashes, job.attempts)
            + CASE WHEN COALESCE(task.status, 'running') = 'running' THEN 1 ELSE 0 END AS crashes
    FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    LEFT JOIN postlude_tasks AS task ON task.job_id = job.id
    WHERE job.status = 'doing' AND job.task_name = %(task)s AND (
        worker.id IS NULL OR worker.last_heartbeat < now() - %(after)s::float8 * interval '1 second'
    )
    FOR UPDATE OF job SKIP LOCKED
), judged AS MATERIALIZED (
    SELECT lost.*, nextval(pg_get_serial_sequence('procrastinate_jobs', 'id')) AS new_id, CASE
        WHEN stood = 'succeeded' THEN 'succeeded'
        WHEN stood IN ('failed', 'timed_out') THEN 'failed'
        WHEN stood = 'cancelled' OR abort_requested THEN 'aborted'
        WHEN crashes >= %(most)s THEN 'failed'
        ELSE 'todo'
    END AS becomes
    FROM lost
), again AS (
    INSERT INTO procrastinate_jobs
        (id, queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at, attempts)
    SELECT new_id, queue_name, task_name, priority, lock, queueing_lock,
        args || jsonb_build_object('suspect', crashes > 0), due_at, attempts + 1
    FROM judged WHERE becomes = 'todo'
), noted AS (
    UPDATE postlude_tasks AS task SET
        job_id = CASE becomes WHEN 'todo' THEN new_id ELSE task.job_id END,
        crashes = judged.crashes,
        status = CASE becomes WHEN 'todo' THEN 'retrying' WHEN 'failed' THEN 'failed'
            ELSE 'cancelled' END,
        error = CASE WHEN judged.stood <> 'running' THEN task.error ELSE
            format('it was lost %%s times with the worker that ran it', judged.crashes) END,
        ended_at = CASE WHEN becomes <> 'todo' THEN now() END
    FROM judged
    WHERE task.job_id = judged.id AND judged.stood IN ('pending', 'retrying', 'running')
)
UPDATE procrastinate_jobs AS job SET attempts = job.attempts + 1, worker_id = NULL,
    abort_requested = false,
    status = CASE becomes WHEN 'todo' THEN 'aborted' ELSE becomes END::procrastinate_job_status
FROM judged WHERE job.id = judged.id
RETURNING job.id, becomes, judged.crashes
"""
# What the rescue leaves behind itself.
TIDY = """
DELETE FROM procrastinate_jobs AS job WHERE job.queue_name = %(queue)s AND job.task_name = %(task)s
    AND job.status <> 'todo' AND NOT EXISTS (
        SELECT FROM procrastinate_workers AS worker
        WHERE job.status = 'doing' AND worker.id = job.worker_id
            AND worker.last_heartbeat >= now() - %(after)s::float8 * interval '1 second'
    )
"""
