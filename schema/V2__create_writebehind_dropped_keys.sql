-- What `migrate` dropped, as the statement that adds it again; schema/undo/add_foreign_key.sql runs the newest.
CREATE TABLE IF NOT EXISTS writebehind_dropped_keys (
  id         INT         NOT NULL AUTO_INCREMENT,
  dropped_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  undo_sql   TEXT        NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
