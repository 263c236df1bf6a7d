package monitor

import (
	"hash/fnv"
	"strconv"
)

// ShardOf returns the shard of an endpoint's key: its FNV-1a 64 hash modulo
// shards, which must be a power of two (http://www.isthe.com/chongo/tech/comp/fnv/).
func ShardOf(endpoint string, shards int) int {
	return int(hash64(endpoint) & uint64(shards-1))
}

// CheckShard returns an Invalid error for a shard that an installation with so many
// has not: another function has been told another number of them.
func CheckShard(shard, shards int) error {
	if shard < 0 || shard >= shards {
		return FieldErrorf("shard", "must be 0 to %d, got %d", shards-1, shard)
	}
	return nil
}

// ShardKey returns the partition key of the events of a shard.
func ShardKey(shard int) string { return strconv.Itoa(shard) }

func hash64(text string) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(text))
	return hash.Sum64()
}
