package couchbasetest

import (
	"encoding/binary"
	"maps"
	"strings"

	"github.com/couchbase/gocbcore/v10/memd"
)

// features is what a connection has agreed to. It is replaced, never changed.
type features map[memd.HelloFeature]bool

// offered is what a client may ask for. Compression is not among it: values cross
// as they are.
func offered() features {
	return features{
		memd.FeatureXattr: true, memd.FeatureSelectBucket: true, memd.FeatureXerror: true, memd.FeatureJSON: true,
		memd.FeatureSeqNo: true, memd.FeatureDurations: true, memd.FeatureCollections: true, memd.FeatureUnorderedExec: true,
		memd.FeatureAltRequests: true, memd.FeatureSyncReplication: true, memd.FeaturePreserveExpiry: true,
	}
}

// shake answers what comes before a login; false: the request is another one.
func (c *conn) shake(r *request) (answer, bool) {
	switch r.Command {
	case memd.CmdHello:
		return c.hello(r.Value), true
	case memd.CmdGetErrorMap:
		return answer{value: errorMap()}, true
	case memd.CmdSASLListMechs:
		return answer{value: []byte(strings.Join(mechanisms(), " "))}, true
	case memd.CmdSASLAuth:
		return c.authenticate(string(r.Key), r.Value), true
	case memd.CmdSASLStep:
		return c.step(r.Value), true
	}
	return answer{}, false
}

// hello agrees to those of the features that are offered, for requests after it.
func (c *conn) hello(asked []byte) answer {
	agreed, may := maps.Clone(c.features), offered()
	var granted []byte
	for ; len(asked) >= 2; asked = asked[2:] {
		feature := memd.HelloFeature(binary.BigEndian.Uint16(asked))
		if !may[feature] || agreed[feature] {
			continue
		}
		agreed[feature] = true
		granted = binary.BigEndian.AppendUint16(granted, uint16(feature))
	}
	c.features = agreed
	if agreed[memd.FeatureCollections] {
		c.reader.EnableFeature(memd.FeatureCollections)
	}
	if agreed[memd.FeatureDurations] {
		c.writer.EnableFeature(memd.FeatureDurations)
	}
	return answer{value: granted}
}

func (c *conn) authenticate(mechanism string, message []byte) answer {
	c.user, c.login = "", nil
	if mechanism == "PLAIN" {
		fields := strings.Split(string(message), "\x00")
		if len(fields) != 3 || !c.node.login(fields[1], fields[2]) {
			return failed(memd.StatusAuthError)
		}
		c.enter(fields[1])
		return answer{}
	}
	login, reply, ok := c.node.challenge(mechanism, string(message))
	if !ok {
		return failed(memd.StatusAuthError)
	}
	c.login = login
	return answer{status: memd.StatusAuthContinue, value: []byte(reply)}
}

func (c *conn) step(message []byte) answer {
	login := c.login
	c.login = nil
	if login == nil {
		return failed(memd.StatusInvalidArgs)
	}
	reply, ok := login.verify(string(message))
	if !ok {
		return failed(memd.StatusAuthError)
	}
	c.enter(login.user)
	return answer{value: []byte(reply)}
}

// enter lets the connection act for a user.
func (c *conn) enter(user string) {
	c.user = user
	c.node.counts.entered(user)
}

// choose selects a bucket for the requests after it.
func (c *conn) choose(bucket string) answer {
	if _, err := c.node.documents.Bucket(bucket); err != nil {
		return failed(memd.StatusKeyNotFound)
	}
	c.bucket = bucket
	return answer{}
}
