-- The statement that drops database $1 and ends its sessions. Rights: none; of the statement: ownership.
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text) AS statement;
