-- Creates the missing position limits: the value of each account, and the quantity of each symbol over all accounts. The simulated desk
-- itself stays well below them. $1 accounts, $2 symbols, $3 money of an account, $4 shares of a symbol.
-- Rights: INSERT and SELECT on risk_management.position_limits.
WITH wanted (account_id, symbol, max_value, max_quantity) AS (
    SELECT account_id, NULL, $3::numeric, NULL::numeric FROM unnest($1::text[]) AS a (account_id)
     UNION ALL
    SELECT NULL, symbol, NULL, $4::numeric FROM unnest($2::text[]) AS s (symbol)
)
INSERT INTO risk_management.position_limits (account_id, symbol, max_value, max_quantity, updated_by)
SELECT w.account_id, w.symbol, w.max_value, w.max_quantity, 'feed'
  FROM wanted AS w
 WHERE NOT EXISTS (SELECT FROM risk_management.position_limits AS l
                    WHERE l.account_id IS NOT DISTINCT FROM w.account_id AND l.symbol IS NOT DISTINCT FROM w.symbol
                      AND l.strategy IS NULL)
 ORDER BY w.account_id, w.symbol;
