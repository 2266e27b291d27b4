-- Writes a temporary file of 70 kB beside the data, which goes with the statement: on a full disk it fails (53100). For while the
-- disk is full: unlike monitor/disk_write it then leaves no empty file behind. Elsewhere it would be a line in the log of a
-- server with log_temp_files.
-- No parameters. Rights: none.
SELECT count(*)::integer AS written
  FROM (SELECT set_config('work_mem', '64kB', true) AS memory, set_config('temp_tablespaces', '', true) AS place) AS s,
       LATERAL generate_series(1, 5000 + 0 * length(s.memory || s.place)) AS n;
