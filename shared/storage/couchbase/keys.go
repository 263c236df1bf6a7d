package couchbase

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// maxKey is how long a document's key is at most; Couchbase takes 250 bytes, and
// a collection's number goes from them.
const maxKey = 245

// hashed is how many bytes of the hash end a key that was too long.
const hashed = 16

// key joins the parts with colons. What is too long is cut, and ends in a hash of
// the whole.
func key(parts ...string) string {
	whole := strings.Join(parts, ":")
	if len(whole) <= maxKey {
		return whole
	}
	sum := sha256.Sum256([]byte(whole))
	return whole[:maxKey-2*hashed] + hex.EncodeToString(sum[:hashed])
}
