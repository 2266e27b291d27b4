-- Works with the owner's rights where there is no MAINTAIN to grant (below 17). Identifier: role.
-- Rights: membership in that role.
SET ROLE :"role";
