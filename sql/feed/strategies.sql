-- Creates the desk's missing strategies. $1 name, $2 description; arrays.
-- Rights: INSERT on strategy_engine.strategies.
INSERT INTO strategy_engine.strategies (name, description, parameters)
SELECT r.name, r.description, jsonb_build_object('simulated', true)
  FROM unnest($1::text[], $2::text[]) AS r (name, description)
 ORDER BY r.name
    ON CONFLICT (name) DO NOTHING;
