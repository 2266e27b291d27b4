-- The statement that gives database $1 the name $2, where no other has it. Rights: none; of the statement: ownership.
SELECT format('ALTER DATABASE %I RENAME TO %I', $1::text, $2::text) AS statement;
