-- Makes those of Prefect's tables that the console reads, with the columns that it reads, unless they are there.
-- No parameters. In Prefect's database. Rights: CREATE on the schema public.
CREATE TABLE IF NOT EXISTS public.flow (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE IF NOT EXISTS public.work_pool (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, type text NOT NULL, status text NOT NULL,
    is_paused boolean NOT NULL DEFAULT false, last_transitioned_status_at timestamptz);
CREATE TABLE IF NOT EXISTS public.worker (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, work_pool_id uuid NOT NULL, status text NOT NULL,
    last_heartbeat_time timestamptz NOT NULL, heartbeat_interval_seconds integer NOT NULL);
CREATE TABLE IF NOT EXISTS public.flow_run (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, flow_id uuid NOT NULL, deployment_id uuid,
    state_type text NOT NULL, state_name text NOT NULL, state_timestamp timestamptz NOT NULL,
    expected_start_time timestamptz, next_scheduled_start_time timestamptz, start_time timestamptz, end_time timestamptz,
    total_run_time interval NOT NULL DEFAULT '0', run_count integer NOT NULL DEFAULT 0, work_queue_name text,
    auto_scheduled boolean NOT NULL DEFAULT true, created timestamptz NOT NULL DEFAULT now(),
    updated timestamptz NOT NULL DEFAULT now());
GRANT SELECT ON public.flow, public.work_pool, public.worker, public.flow_run TO tradetop_monitor
