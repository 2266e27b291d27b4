-- Every column of the synchroniser is there, with its type.
-- order: 60
-- severity: fail
-- every: 15 minutes
-- why: Without them the synchroniser cannot tell what it has applied.
-- remedy: Run: tradetop setup (adds what is missing). Change a wrong type by ALTER TABLE … ALTER COLUMN … TYPE.
-- rights: none
--
-- A type that ends in "!" is NOT NULL.
WITH expected AS (
    SELECT split_part(entry, ' ', 1) AS name, rtrim(substr(entry, strpos(entry, ' ') + 1), '!') AS type,
        entry LIKE '%!' AS required, tab
    FROM (VALUES
        ('execution.archived_trades', 'id bigint!; trade_id varchar(100)!; order_id varchar(100); account_id '
         'varchar(50)!; symbol varchar(20)!; quantity numeric(15,4)!; price numeric(15,4)!; commission numeric(10,4); '
         'executed_at timestamptz!; settlement_date date; strategy varchar(100); trade_type varchar(20); created_at '
         'timestamptz!; side execution.order_side; total_value numeric(30,4); realized_pnl numeric(30,4); win_rate '
         'numeric(20,10); archived_at timestamptz!'),
        ('analytics.archived_sync_ledger', 'trade_id varchar(100)!; account_id varchar(50)!; symbol varchar(20)!; '
         'strategy varchar(100)!; trade_date date!; total_value numeric(30,4)!; realized_pnl numeric(30,4)!; win '
         'numeric(20,10); source varchar(5)!; applied_at timestamptz!; row_id bigint; executed_at timestamptz!; side '
         'varchar(4); quantity numeric; price numeric; commission numeric; held numeric; average_cost numeric; '
         'pnl_stated boolean!; win_stated boolean!; event jsonb; published_at timestamptz; '
         'received_at timestamptz; arrival varchar(50); archived_at timestamptz!'),
        ('analytics.book_closings', 'closed_before timestamptz!; closed_at timestamptz!; closed_by varchar(100)!; trades '
         'bigint!; total_value numeric(38,4)!; realized_pnl numeric(38,4)!; months date[]!'),
        ('analytics.opening_balances', 'account_id varchar(50)!; symbol varchar(20)!; closed_before timestamptz!; held '
         'numeric!; average_cost numeric!; last_executed_at timestamptz!; last_trade_id varchar(100)!; net_quantity '
         'numeric; total_value numeric(38,4)!; realized_pnl numeric(38,4)!; total_trades bigint!'),
        ('analytics.reports', 'id bigint!; kind varchar(10)!; day date; from_at timestamptz!; to_at timestamptz!; time_zone '
         'varchar(64)!; account_id varchar(50); strategy varchar(100); version integer!; digest varchar(64)!; trades '
         'bigint!; total_value numeric(38,4)!; realized_pnl numeric(38,4)!; note text; document jsonb!; made_at '
         'timestamptz!; made_by varchar(100)!'),
        ('analytics.sync_gaps', 'id bigint!; worker varchar(100)!; reason varchar(20)!; started_at timestamptz; '
         'ended_at timestamptz!; fence xid8!; recovered bigint!; passes integer!; filled_at timestamptz; error text'),
        ('analytics.sync_ledger', 'trade_id varchar(100)!; account_id varchar(50)!; symbol varchar(20)!; strategy '
         'varchar(100)!; trade_date date!; total_value numeric(30,4)!; realized_pnl numeric(30,4)!; win '
         'numeric(20,10); source varchar(5)!; applied_at timestamptz!; row_id bigint; executed_at timestamptz; side '
         'varchar(4); quantity numeric; price numeric; commission numeric; held numeric; average_cost numeric; '
         'pnl_stated boolean!; win_stated boolean!; event jsonb; published_at timestamptz; '
         'received_at timestamptz; arrival varchar(50)'),
        ('analytics.sync_marks', 'symbol varchar(20)!; price numeric(15,4)!; marked_at timestamptz!; updated_at '
         'timestamptz!'),
        ('analytics.sync_pairs', 'account_id varchar(50)!; symbol varchar(20)!; held numeric!; average_cost numeric!; '
         'last_executed_at timestamptz; last_trade_id varchar(100); updated_at timestamptz!'),
        ('analytics.sync_quarantine', 'id bigint!; kind varchar(20)!; event_key text!; event jsonb!; sqlstate '
         'varchar(5); reason text!; attempts integer!; first_at timestamptz!; last_at timestamptz!; resolved_at '
         'timestamptz; resolution varchar(10); resolved_by varchar(100); note text'),
        ('analytics.sync_restatements', 'id bigint!; restated_at timestamptz!; trade_id varchar(100)!; reason '
         'varchar(10)!; cause varchar(100)!; old_value numeric(30,4)!; new_value numeric(30,4); old_pnl '
         'numeric(30,4)!; new_pnl numeric(30,4); old_win numeric(20,10); new_win numeric(20,10); was jsonb; became jsonb'),
        ('analytics.sync_slots', 'slot_name varchar(63)!; system_id varchar(20)!; lsn pg_lsn!; publication text!; '
         'updated_at timestamptz!; created_at timestamptz!'),
        ('shared.alert_lives', 'id bigint!; alert text!; rule varchar(100)!; subject text; severity varchar(4)!; text text!; '
         'cause text; caused_by text; fired_at timestamptz!; last_seen_at timestamptz!; cleared_at timestamptz; seen_by '
         'varchar(100)!'),
        ('analytics.sync_workers', 'worker varchar(100)!; mode varchar(10)!; host varchar(255)!; pid integer!; '
         'started_at timestamptz!; heartbeat_at timestamptz!; safe_at timestamptz; stopped_at timestamptz; stats '
         'jsonb!')
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
ORDER BY object
LIMIT 501;
