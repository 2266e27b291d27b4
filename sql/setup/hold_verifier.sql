-- Keeps a role and its new verifier for setup/set_verifier in the same transaction, as parameters, so that no statement
-- contains them. $1 role, $2 SCRAM-SHA-256 verifier. Rights: none.
SELECT set_config('tradetop.role', $1, true) IS NOT NULL
    AND set_config('tradetop.verifier', $2, true) IS NOT NULL AS held;
