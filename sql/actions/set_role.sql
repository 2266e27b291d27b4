-- Takes the owner's role where MAINTAIN cannot be granted (below PostgreSQL 17). Identifier: role.
-- Rights: membership in that role.
SET ROLE :"role";
