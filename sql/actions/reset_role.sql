-- Returns to the session's own role. Rights: none.
RESET ROLE;
