-- Whether the set-up has been run on this database: its core tables exist. No parameters. Rights: none.
SELECT to_regclass('execution.trades') IS NOT NULL
       AND to_regclass('execution.positions') IS NOT NULL
       AND to_regclass('shared.audit_log') IS NOT NULL AS set_up;
