-- Gives completion_blockcompletion the foreign key to the user table back, exactly as `migrate` found it.
-- The command `undo` runs this file. It can as well be run by hand, in the LMS's schema:
--
--   mysql --table lms_schema < add_foreign_key.sql
--
-- It refuses while there are orphans, rows whose user no longer exists; `purge-orphans` deletes them. To add the key
-- all the same, put  SET @keep_orphans = 1;  before it: the server then checks rows written from now on only.
--
-- The key is added online, which takes milliseconds whatever the size of the table. For that the server does not look
-- at the rows that are there, hence the counts before and after. If it answers "Lock wait timeout exceeded", a
-- transaction holds one of the two tables: run the file again when that has ended.

SET @undo = NULL;

SELECT COUNT(*) INTO @present
FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'completion_blockcompletion'
  AND COLUMN_NAME = 'user_id' AND REFERENCED_TABLE_NAME = 'auth_user';

SELECT undo_sql INTO @undo
FROM writebehind_dropped_keys
ORDER BY id DESC
LIMIT 1;

SELECT COUNT(*) INTO @orphans
FROM completion_blockcompletion c
LEFT JOIN auth_user u ON u.id = c.user_id
WHERE u.id IS NULL;

SELECT @orphans AS `rows whose user no longer exists`;

SET @statement = CASE
  WHEN @present > 0 THEN 'SELECT ''nothing to do: the foreign key is there'' AS outcome'
  WHEN @undo IS NULL THEN 'SELECT ''refused: migrate has dropped no foreign key here'' AS outcome'
  WHEN @orphans > 0 AND COALESCE(@keep_orphans, 0) = 0 THEN 'SELECT ''refused: there are orphans'' AS outcome'
  ELSE @undo
END;

SET SESSION foreign_key_checks = 0, lock_wait_timeout = 1;

PREPARE add_foreign_key FROM @statement;

-- The user table first, as the LMS's own transactions take them: then none of them is refused as a deadlock.
LOCK TABLES auth_user WRITE, completion_blockcompletion WRITE;

EXECUTE add_foreign_key;

UNLOCK TABLES;

DEALLOCATE PREPARE add_foreign_key;

SET SESSION foreign_key_checks = 1;

-- With the key in place no new orphan can come: this count is final.
SELECT COUNT(*) INTO @orphans_now
FROM completion_blockcompletion c
LEFT JOIN auth_user u ON u.id = c.user_id
WHERE u.id IS NULL;

SELECT @orphans_now AS `rows whose user no longer exists, now`;
