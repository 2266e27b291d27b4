-- Works with the owner's rights where there is no MAINTAIN to grant (below 17). {target}: the role, quoted.
-- Rights: membership in that role.
SET ROLE {target};
