-- Whether there is a database $1, and the server's major version. Rights: none.
SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS there,
       current_setting('server_version_num')::integer / 10000 AS major;
