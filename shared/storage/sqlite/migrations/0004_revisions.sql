-- Packs are written by compare-and-swap, as windows are.
ALTER TABLE packs ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
