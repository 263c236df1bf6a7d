CREATE TABLE tail (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    shard   INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    data    BLOB    NOT NULL
) STRICT;
CREATE INDEX tail_shard ON tail (shard);

CREATE TABLE folded (
    shard INTEGER PRIMARY KEY,
    seq   INTEGER NOT NULL
) STRICT;

-- The endpoints and locations that have results, by the number that stands
-- for them in the keys of windows, packs and latest.
CREATE TABLE series (
    id       INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    location TEXT NOT NULL,
    UNIQUE (endpoint, location)
) STRICT;

-- key = start in spans of ten minutes << 32 | series
CREATE TABLE windows (
    key      INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    rows     BLOB    NOT NULL
) STRICT;

-- key = tier << 60 | start in hours << 32 | series
CREATE TABLE packs (
    key   INTEGER PRIMARY KEY,
    cells BLOB NOT NULL
) STRICT;

-- key = shard << 32 | series
CREATE TABLE latest (
    key INTEGER PRIMARY KEY,
    due INTEGER NOT NULL,
    row BLOB    NOT NULL
) STRICT;

CREATE TABLE states (
    shard    INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    body     BLOB    NOT NULL
) STRICT;

CREATE TABLE incidents (
    id        TEXT PRIMARY KEY,
    namespace TEXT    NOT NULL,
    endpoint  TEXT    NOT NULL,
    started   INTEGER NOT NULL,
    ended     INTEGER NOT NULL,
    sequence  INTEGER NOT NULL,
    body      BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX incidents_started ON incidents (started DESC, id);
CREATE INDEX incidents_namespace ON incidents (namespace, started DESC, id);
CREATE INDEX incidents_endpoint ON incidents (endpoint, started DESC, id);
CREATE INDEX incidents_open ON incidents (started DESC, id) WHERE ended = 0;

CREATE TABLE notices (
    incident TEXT    NOT NULL,
    sequence INTEGER NOT NULL,
    channel  TEXT    NOT NULL,
    shard    INTEGER NOT NULL,
    pending  INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body     BLOB    NOT NULL,
    PRIMARY KEY (incident, sequence, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_pending ON notices (shard, incident, channel, sequence) WHERE pending = 1;

CREATE TABLE claims (
    slot     INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    body     BLOB    NOT NULL
) STRICT;

CREATE TABLE catalog (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO catalog (only, revision) VALUES (1, 0);

CREATE TABLE endpoints (
    key  TEXT PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE channels (
    key  TEXT PRIMARY KEY,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
