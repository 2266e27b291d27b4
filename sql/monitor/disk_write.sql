-- Writes a file of some hundred bytes beside the data, which goes with the statement: on a full disk it fails (53100). Reading
-- alone would not notice one. What is exported is seen by nobody, and holds nothing back.
-- No parameters. Rights: none.
SELECT pg_export_snapshot() AS snapshot;
