-- Takes the owner's role where MAINTAIN cannot be granted (below PostgreSQL 17). {target}: the role, quoted.
-- Rights: membership in that role.
SET ROLE {target};
