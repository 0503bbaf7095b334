/** The table of corrections: what people said drawings were, and all that is known of each. */

/** The schema's step that makes it. Networks are keyed hashes; `spent` counts for quotas and outlives what is deleted. */
export const CORRECTIONS_1 = `
CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE corrections (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL, -- ms since 1970
  png BLOB NOT NULL,
  input BLOB NOT NULL CHECK (length(input) = 784),
  digest BLOB NOT NULL CHECK (length(digest) = 32), -- SHA-256 of input
  label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 10), -- 10: not a digit
  model TEXT NOT NULL,
  version INTEGER NOT NULL,
  answer INTEGER NOT NULL CHECK (answer BETWEEN 0 AND 9),
  confidence REAL NOT NULL,
  network BLOB NOT NULL,
  trusted INTEGER NOT NULL CHECK (trusted IN (0, 1)),
  use TEXT NOT NULL CHECK (use IN ('waiting', 'learned', 'implausible', 'undecided')),
  prediction TEXT UNIQUE -- whose answer this is about
) STRICT;
CREATE UNIQUE INDEX corrections_drawing ON corrections (network, digest);
CREATE INDEX corrections_use ON corrections (use);
CREATE TABLE keys (
  network BLOB NOT NULL,
  key BLOB NOT NULL CHECK (length(key) = 32), -- SHA-256 of Idempotency-Key
  body BLOB NOT NULL CHECK (length(body) = 32), -- SHA-256 of what was said
  answer TEXT NOT NULL, -- JSON
  at INTEGER NOT NULL,
  PRIMARY KEY (network, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_at ON keys (at);
CREATE TABLE spent (network BLOB NOT NULL, wide BLOB NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX spent_network ON spent (network, at);
CREATE INDEX spent_wide ON spent (wide, at);
CREATE INDEX spent_at ON spent (at);
`
