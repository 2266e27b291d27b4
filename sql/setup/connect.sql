-- Continues 01_create_databases.sql in the trading database, whatever its name: psql takes a name with "=" or "://" for a
-- connection string, and "-" for the database that it is in, so that it gets the name as a connection string. `tradetop setup`
-- connects itself when it comes to this file. :'trading_db' the name. Rights: CONNECT on the database.
SELECT format('dbname=''%s''', replace(replace(:'trading_db', '\', '\\'), '''', '\''')) AS trading_conninfo \gset
\connect -reuse-previous=on :"trading_conninfo"
