package couchbasetest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"
)

// MarshalJSON writes the manifest as a server does: UIDs in hexadecimal, the
// longest life of a collection's documents in seconds, -1 for none.
func (m Manifest) MarshalJSON() ([]byte, error) {
	type collection struct {
		Name   string `json:"name"`
		UID    string `json:"uid"`
		MaxTTL int64  `json:"maxTTL,omitempty"`
	}
	type scope struct {
		Name        string       `json:"name"`
		UID         string       `json:"uid"`
		Collections []collection `json:"collections"`
	}
	scopes := make([]scope, len(m.Scopes))
	for i, s := range m.Scopes {
		scopes[i] = scope{Name: s.Name, UID: digits(uint64(s.UID)), Collections: []collection{}}
		for _, c := range s.Collections {
			ttl := int64(c.MaxTTL / time.Second)
			if c.MaxTTL < 0 {
				ttl = -1
			}
			scopes[i].Collections = append(scopes[i].Collections, collection{c.Name, digits(uint64(c.UID)), ttl})
		}
	}
	return json.Marshal(map[string]any{"uid": digits(m.UID), "scopes": scopes})
}

func digits(n uint64) string { return fmt.Sprintf("%x", n) }

func (n *Node) manifest(bucket string) answer {
	manifest, err := n.documents.Manifest(bucket)
	if err != nil {
		return failed(memd.StatusNoBucket)
	}
	encoded, err := json.Marshal(manifest)
	if err != nil {
		return failed(memd.StatusInternalError)
	}
	return answer{value: encoded, data: uint8(memd.DatatypeFlagJSON)}
}

// collectionID answers for a path of the form scope.collection.
func (n *Node) collectionID(bucket, path string) answer {
	manifest, err := n.documents.Manifest(bucket)
	if err != nil {
		return failed(memd.StatusNoBucket)
	}
	scope, name, ok := strings.Cut(path, ".")
	if !ok {
		return failed(memd.StatusInvalidArgs)
	}
	for _, s := range manifest.Scopes {
		if s.Name != scope {
			continue
		}
		for _, c := range s.Collections {
			if c.Name == name {
				extras := binary.BigEndian.AppendUint64(nil, manifest.UID)
				return answer{extras: binary.BigEndian.AppendUint32(extras, c.UID)}
			}
		}
		return manifest.unknown(memd.StatusCollectionUnknown)
	}
	return manifest.unknown(memd.StatusScopeUnknown)
}

// unknown says which manifest lacks what was asked for.
func (m Manifest) unknown(status memd.StatusCode) answer {
	return answer{
		status: status, data: uint8(memd.DatatypeFlagJSON),
		value: fmt.Appendf(nil, `{"manifest_uid":"%x"}`, m.UID),
	}
}
