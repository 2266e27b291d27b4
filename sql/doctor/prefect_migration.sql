-- The migration that Prefect's tables are at, as Alembic keeps it. :"schema" is the one with Prefect's tables.
-- No parameters. In Prefect's database. Rights: SELECT on alembic_version.
SELECT 'prefect_migration' AS id, 'prefect' AS feature,
       CASE WHEN count(*) = 1 THEN 'ok' ELSE 'warn' END AS status,
       CASE count(*) WHEN 1 THEN format('Prefect''s tables are at migration %s', min(version_num))
                     WHEN 0 THEN 'no migration of Prefect''s tables has ended'
                     ELSE format('Prefect''s tables are at %s migrations at once: %s', count(*), string_agg(version_num, ', ')) END AS text,
       CASE WHEN count(*) <> 1 THEN 'prefect server database upgrade -y' END AS remedy
FROM :"schema".alembic_version;
