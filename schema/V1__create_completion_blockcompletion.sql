-- The table of Open edX (openedx/completion), without its foreign key to the user table.
-- A table that exists already is left as it is.
CREATE TABLE IF NOT EXISTS completion_blockcompletion (
  created    DATETIME(6)  NOT NULL,
  modified   DATETIME(6)  NOT NULL,
  id         BIGINT       NOT NULL AUTO_INCREMENT,
  course_key VARCHAR(255) NOT NULL,
  block_key  VARCHAR(255) NOT NULL,
  block_type VARCHAR(64)  NOT NULL,
  completion DOUBLE       NOT NULL,
  user_id    INT          NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY completion_blockcompleti_course_key_block_key_use_b15bac54_uniq (course_key, block_key, user_id),
  KEY completion__course__c6e6ad_idx (course_key, block_type, user_id),
  KEY completion__user_id_861fe5_idx (user_id, course_key, modified)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
