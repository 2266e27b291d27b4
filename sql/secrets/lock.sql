-- Keeps everyone else from writing secrets until the transaction ends; reading goes on. Rights: UPDATE on the table.
LOCK TABLE notification.notification_configs IN SHARE ROW EXCLUSIVE MODE;
