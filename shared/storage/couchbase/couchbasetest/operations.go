package couchbasetest

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
)

const (
	maxValue = 20 << 20
	maxKey   = 246 // of a collection that is not the default one
	month    = 30 * 24 * 60 * 60
)

// operate does one operation on one document.
func (n *Node) operate(r *request) answer {
	if r.bucket == "" {
		return failed(memd.StatusNoBucket)
	}
	if r.place == (Place{}) {
		return n.refusal(r, memd.StatusCollectionUnknown)
	}
	if r.Vbucket != vbucketOf(r.Key) {
		return n.refusal(r, memd.StatusNotMyVBucket)
	}
	if status := n.check(r); status != memd.StatusSuccess {
		return failed(status)
	}
	switch r.Command {
	case memd.CmdGet:
		return n.documents.get(r)
	case memd.CmdSet, memd.CmdAdd, memd.CmdReplace:
		return n.documents.store(r)
	case memd.CmdDelete:
		return n.documents.remove(r)
	case memd.CmdTouch, memd.CmdGAT:
		return n.documents.touch(r)
	}
	return failed(memd.StatusUnknownCommand)
}

// refusal answers the status with the body that a server adds to it.
func (n *Node) refusal(r *request, status memd.StatusCode) answer {
	switch status {
	case memd.StatusNotMyVBucket:
		config := n.clusterConfig(r.bucket, 0)
		return answer{status: status, value: config.value, data: config.data}
	case memd.StatusCollectionUnknown, memd.StatusScopeUnknown:
		if manifest, err := n.documents.Manifest(r.bucket); err == nil {
			return manifest.unknown(status)
		}
	}
	return failed(status)
}

// check looks at all of a request that needs no document.
func (n *Node) check(r *request) memd.StatusCode {
	if len(r.Key) == 0 || len(r.Key) > maxKey || len(r.Extras) != extrasOf(r.Command) {
		return memd.StatusInvalidArgs
	}
	if len(r.Value) > maxValue {
		return memd.StatusTooBig
	}
	if memd.DatatypeFlag(r.Datatype)&^memd.DatatypeFlagJSON != 0 {
		return memd.StatusInvalidArgs
	}
	held, err := n.documents.Bucket(r.bucket)
	if err != nil {
		return memd.StatusNoBucket
	}
	level := max(r.durability(), held.Durability)
	switch {
	case level > memd.DurabilityLevelPersistToMajority:
		return memd.StatusDurabilityInvalidLevel
	case level > 0 && writes(r.Command) && !reaches(held.Replicas, n.missingReplicas()):
		return memd.StatusDurabilityImpossible
	}
	return memd.StatusSuccess
}

// reaches says whether most of a document's copies are there: the active one and
// as many replicas as are not missing.
func reaches(replicas, missing int) bool {
	copies := 1 + replicas
	return copies-min(missing, replicas) >= copies/2+1
}

func writes(op memd.CmdCode) bool {
	switch op {
	case memd.CmdSet, memd.CmdAdd, memd.CmdReplace, memd.CmdDelete:
		return true
	}
	return false
}

func extrasOf(op memd.CmdCode) int {
	switch op {
	case memd.CmdSet, memd.CmdAdd, memd.CmdReplace:
		return 8
	case memd.CmdTouch, memd.CmdGAT:
		return 4
	}
	return 0
}

// vbucketOf returns the part of a bucket that a key is in.
func vbucketOf(key []byte) uint16 {
	return uint16(crc32.ChecksumIEEE(key)>>16&0x7fff) % vbuckets
}

// expiryOf returns when a document ends whose write says so: up to 30 days count
// from now, more since 1970. A collection or a bucket may cut it.
func (d *Documents) expiryOf(asked uint32, limit time.Duration) time.Time {
	now := d.clock()
	var end time.Time
	switch {
	case asked == 0:
	case asked <= month:
		end = time.Unix(now.Unix()+int64(asked), 0)
	default:
		end = time.Unix(int64(asked), 0)
	}
	if limit <= 0 {
		return end
	}
	if last := time.Unix(now.Unix(), 0).Add(limit); end.IsZero() || end.After(last) {
		return last
	}
	return end
}

// written answers a write with the CAS and, where the connection has agreed to it,
// with which change of its vbucket it was.
func (r *request) written(from *bucket, done *Document) answer {
	a := answer{cas: done.CAS}
	if r.features[memd.FeatureSeqNo] {
		a.extras = binary.BigEndian.AppendUint64(nil, from.history)
		a.extras = binary.BigEndian.AppendUint64(a.extras, done.Seqno)
	}
	return a
}
