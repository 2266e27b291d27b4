-- Drops the tables that the incident made: a demo has no Prefect.
-- No parameters. In Prefect's database. Rights: owner of the tables.
DROP TABLE IF EXISTS public.flow_run, public.flow, public.worker, public.work_pool
