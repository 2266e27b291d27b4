-- Every column of the desk’s states and records is there, with its type.
-- order: 55
-- severity: fail
-- every: 15 minutes
-- why: Without them a service cannot say what became of its orders and its sources.
-- remedy: Run: tradetop setup (adds what is missing). Change a wrong type by ALTER TABLE … ALTER COLUMN … TYPE.
-- rights: none
--
-- A type that ends in "!" is NOT NULL.
WITH expected AS (
    SELECT split_part(entry, ' ', 1) AS name, rtrim(substr(entry, strpos(entry, ' ') + 1), '!') AS type,
        entry LIKE '%!' AS required, tab
    FROM (VALUES
        ('data_ingestion.ingestion_status', 'id bigint!; source varchar(100)!; symbol varchar(20)!; last_bar_at '
         'timestamptz; expected_seconds integer!; state varchar(10)!; error text; state_since timestamptz!; checked_at '
         'timestamptz!; created_at timestamptz'),
        ('execution.execution_logs', 'id bigint!; order_id varchar(100)!; account_id varchar(50)!; symbol varchar(20)!; '
         'step integer!; status execution.order_status!; old_status execution.order_status; occurred_at timestamptz!; '
         'latency_ms numeric(15,3); filled numeric(15,4); trade_id varchar(100); reason text; created_at timestamptz!'),
        ('notification.told_alerts', 'config_id bigint!; alert text!; severity varchar(10)!; owner varchar(40)!; text text!; '
         'since timestamptz!; told_at timestamptz!'),
        ('risk_management.position_limits', 'id bigint!; account_id varchar(50); strategy varchar(100); symbol varchar(20); '
         'max_quantity numeric(20,4); max_value numeric(20,4); warn_fraction numeric(5,4)!; enabled boolean!; updated_by '
         'varchar(100); version integer!; created_at timestamptz; updated_at timestamptz; used_quantity numeric; used_value '
         'numeric; evaluated_at timestamptz; breached_at timestamptz; event_id bigint')
    ) AS tables (tab, list), unnest(string_to_array(list, '; ')) AS entry
), actual AS (
    SELECT to_regclass(tab) AS rel, expected.*, attnotnull, replace(replace(format_type(atttypid, atttypmod),
        'character varying', 'varchar'), 'timestamp with time zone', 'timestamptz') AS found
    FROM expected LEFT JOIN pg_attribute ON attrelid = to_regclass(tab) AND attname = name AND NOT attisdropped
)
SELECT tab || '.' || name AS object, CASE WHEN found IS NULL THEN 'is missing'
    WHEN found <> type THEN format('is %s, not %s', found, type)
    WHEN required THEN 'may be null' ELSE 'may not be null' END AS problem
FROM actual
WHERE rel IS NOT NULL AND (found IS DISTINCT FROM type OR attnotnull <> required)
ORDER BY object LIMIT 501;
