package couchbasetest

import (
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
)

// request is one packet of a client.
type request struct {
	*memd.Packet
	size     int
	began    time.Time
	user     string   // who has logged in; empty: nobody
	bucket   string   // that the connection has selected
	place    Place    // of the document, if it is of one
	features features // that the connection has agreed to
}

// answer is what a request gets.
type answer struct {
	status memd.StatusCode
	cas    uint64
	extras []byte
	key    []byte
	value  []byte
	data   uint8 // the value's data type
}

func failed(status memd.StatusCode) answer { return answer{status: status} }

// ofDocument says whether the request names a document.
func (r *request) ofDocument() bool { return memd.IsCommandCollectionEncoded(r.Command) }

// durability is the level that the request asks for.
func (r *request) durability() memd.DurabilityLevel {
	if r.DurabilityLevelFrame == nil {
		return 0
	}
	return r.DurabilityLevelFrame.DurabilityLevel
}

// fulfil does what the request asks and answers it, as far as the faults that it
// met allow. It counts it before, so that who has the answer finds it counted.
func (c *conn) fulfil(r *request, met outcome) {
	a, answered := c.outcome(r, met)
	given := Count{Requests: 1, In: r.size}
	if answered {
		given.Out = a.size(r.features)
	}
	c.node.counts.end(r, given)
	switch {
	case answered:
		c.reply(r, a)
	case met.Break && !met.Lost:
		c.flush()
		c.end()
	}
}

// outcome does what the request asks; false: it is not answered.
func (c *conn) outcome(r *request, met outcome) (answer, bool) {
	if !met.wait(c.life) || !c.node.proceed(c.life) {
		return answer{}, false
	}
	var a answer
	if !met.ends() || met.Applied {
		a = c.perform(r)
	}
	if !c.node.proceed(c.life) || met.Lost || met.Break {
		return answer{}, false
	}
	if met.Status != memd.StatusSuccess {
		a = c.node.refusal(r, met.Status)
	}
	return a, true
}

// size is how many bytes the answer's packet has.
func (a answer) size(agreed features) int {
	size := headerSize + len(a.extras) + len(a.key) + len(a.value)
	if agreed[memd.FeatureDurations] {
		size += 3
	}
	return size
}

// reply writes the answer.
func (c *conn) reply(r *request, a answer) {
	packet := memd.Packet{
		Magic: memd.CmdMagicRes, Command: r.Command, Opaque: r.Opaque, Status: a.status,
		Cas: a.cas, Datatype: a.data, Extras: a.extras, Key: a.key, Value: a.value,
	}
	if r.features[memd.FeatureDurations] {
		packet.ServerDurationFrame = &memd.ServerDurationFrame{ServerDuration: time.Since(r.began)}
	}
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.writer.WritePacket(&packet); err != nil {
		c.end()
	}
}

func (c *conn) flush() {
	c.write.Lock()
	defer c.write.Unlock()
	if c.out.Flush() != nil {
		c.end()
	}
}

// perform does what the request asks.
func (c *conn) perform(r *request) answer {
	if a, ok := c.shake(r); ok {
		return a
	}
	if r.user == "" {
		return failed(memd.StatusAccessError)
	}
	if r.bucket != "" && !c.node.documents.has(r.bucket) {
		c.end() // as a server does with the connections of a bucket that is dropped
		return failed(memd.StatusNoBucket)
	}
	switch r.Command {
	case memd.CmdNoop:
		return answer{}
	case memd.CmdSelectBucket:
		return c.choose(string(r.Key))
	case memd.CmdGetClusterConfig:
		return c.route(r.bucket)
	case memd.CmdCollectionsGetManifest:
		return c.node.manifest(r.bucket)
	case memd.CmdCollectionsGetID:
		return c.node.collectionID(r.bucket, string(r.Value))
	}
	if !r.ofDocument() {
		return failed(memd.StatusUnknownCommand)
	}
	return c.node.operate(r)
}
