-- Records that a migration was applied. $1 version, $2 name, $3 SHA-256 of the file. Rights: INSERT on shared.schema_migrations.
INSERT INTO shared.schema_migrations (version, name, checksum) VALUES ($1, $2, $3);
