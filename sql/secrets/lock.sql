-- Blocks other writers of secrets, but no readers, until the transaction ends. Rights: UPDATE on the table.
LOCK TABLE notification.notification_configs IN SHARE ROW EXCLUSIVE MODE;
