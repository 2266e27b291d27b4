-- A flow whose runs should have started minutes ago, in a pool whose only worker has stopped to send heartbeats.
-- No parameters. In Prefect's database. Rights: INSERT on Prefect's tables.
WITH f AS (
    INSERT INTO public.flow (name) VALUES ('end-of-day-prices') RETURNING id
), p AS (
    INSERT INTO public.work_pool (name, type, status, last_transitioned_status_at)
    VALUES ('desk-pool', 'process', 'NOT_READY', now() - interval '4 minutes') RETURNING id
), w AS (
    INSERT INTO public.worker (name, work_pool_id, status, last_heartbeat_time, heartbeat_interval_seconds)
    SELECT 'desk-worker', id, 'OFFLINE', now() - interval '4 minutes', 30 FROM p
)
INSERT INTO public.flow_run (name, flow_id, state_type, state_name, state_timestamp, expected_start_time)
SELECT 'late-run-' || n, f.id, 'SCHEDULED', 'Late', now() - interval '3 minutes', now() - interval '4 minutes'
  FROM f, generate_series(1, 4) AS n
