/** The tables of Prefect 3 as far as they are read, in the schema that comes first on the search path. */
export const PREFECT_SCHEMA = `
  CREATE TYPE state_type AS ENUM ('SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED', 'CANCELLING');
  CREATE TYPE work_pool_status AS ENUM ('READY', 'NOT_READY', 'PAUSED');
  CREATE TABLE flow (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar NOT NULL);
  CREATE TABLE flow_run (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), flow_id uuid, name varchar NOT NULL, state_type state_type, state_name varchar,
    state_timestamp timestamptz, expected_start_time timestamptz, start_time timestamptz, end_time timestamptz);
  CREATE TABLE work_pool (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar NOT NULL, type varchar, status work_pool_status, is_paused boolean);
  CREATE TABLE worker (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name varchar NOT NULL, work_pool_id uuid, last_heartbeat_time timestamptz);
`;
