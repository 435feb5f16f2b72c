-- Locks of duties that one process at a time does. term grows with each taking. Times in ms since
-- 1970; a lock is free outside [taken_at, taken_at + ttl_ms), so also when the clock was set back.
CREATE TABLE leaders (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  term INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  ttl_ms INTEGER NOT NULL
) WITHOUT ROWID;
