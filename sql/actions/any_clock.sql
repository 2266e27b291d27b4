-- Lets this transaction take times that lie ahead of the server's clock: an operator has accepted them. Rights: none.
SELECT set_config('tradetop.clock_ahead', '1000 years', true)
