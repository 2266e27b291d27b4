-- Works as the owner of Prefect's tables from now on.
-- No parameters. In Prefect's database. Rights: membership in prefect.
SET ROLE prefect
