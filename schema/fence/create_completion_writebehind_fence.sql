-- Which of several instances may flush, with journal.kind: kafka: a row for each log, counted up by each claim. Every
-- transaction of a flusher reads its own claim here first, and locks it, so that the next claim waits for its end.
CREATE TABLE IF NOT EXISTS completion_writebehind_fence (
  name       VARCHAR(249) NOT NULL,
  epoch      BIGINT       NOT NULL,
  nonce      CHAR(36)     NOT NULL,
  claimed_at DATETIME(6)  NOT NULL,
  PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET ascii COLLATE ascii_bin;
