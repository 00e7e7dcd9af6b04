-- Changes that the completion table can't hold, with journal.kind: kafka: kept where every instance finds them, by the
-- one that flushes, removed together with the resets that undo them. The id is the change's receipt in microseconds.
CREATE TABLE IF NOT EXISTS completion_writebehind_dead_letters (
  id         BIGINT        NOT NULL,
  user_id    INT           NOT NULL,
  course_key VARCHAR(1024) NOT NULL,
  body       LONGTEXT      NOT NULL,
  buried     DATETIME(6)   NOT NULL,
  PRIMARY KEY (id),
  KEY learner (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
