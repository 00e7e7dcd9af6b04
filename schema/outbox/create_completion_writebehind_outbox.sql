-- What the service tells the LMS, with openedx.announce: a row for each completion that a flush inserted or changed.
-- Added in the transaction that changes the row, removed by whoever has told. Ids of one learner are in commit order.
CREATE TABLE IF NOT EXISTS completion_writebehind_outbox (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  completion_id BIGINT          NOT NULL,
  user_id       INT             NOT NULL,
  is_new        TINYINT(1)      NOT NULL,
  modified      DATETIME(6)     NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
