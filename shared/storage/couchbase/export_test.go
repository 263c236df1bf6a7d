package couchbase

import "context"

// What tests look at inside a store.

func (s *Store) NamespaceBucket(ctx context.Context, namespace string) (string, error) {
	return s.namespaceBucket(ctx, namespace)
}

func (s *Store) ShardBucket(ctx context.Context, shard int) (string, error) {
	return s.shardBucket(ctx, shard)
}

func Key(parts ...string) string { return key(parts...) }

// Remembered returns of how many rows of a shard's tail the store knows.
func (s *Store) Remembered(shard int) int {
	t := s.tails.of(shard)
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.arrived)
}
