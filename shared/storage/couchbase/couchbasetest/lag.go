package couchbasetest

import (
	"encoding/json"
	"slices"
	"strconv"
	"sync"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest/internal/sqlpp"
)

// remembered is how many changes an index can be behind.
const remembered = 4096

// history remembers the last changes of all documents, so that an index can show
// them as they were before.
type history struct {
	mu     sync.Mutex
	behind int
	stored map[Place]map[string]Document
	last   []before
}

// before is a change with what it changed.
type before struct {
	Change
	was  Document
	some bool // there was a document
}

func watch(documents *Documents) *history {
	h := &history{stored: map[Place]map[string]Document{}}
	documents.Watch(h.see)
	return h
}

func (h *history) see(c Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stored[c.Place] == nil {
		h.stored[c.Place] = map[string]Document{}
	}
	was, some := h.stored[c.Place][c.Key]
	if c.Removed {
		delete(h.stored[c.Place], c.Key)
	} else {
		h.stored[c.Place][c.Key] = c.Document
	}
	if len(h.last) == remembered {
		h.last = slices.Delete(h.last, 0, remembered/2)
	}
	h.last = append(h.last, before{c, was, some})
}

func (h *history) lag(changes int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.behind = changes
}

// seen returns a collection's documents as an index shows them: without the last
// changes that it is behind, but with each that the vectors ask for, and all that
// came before one of those.
func (h *history) seen(p Place, now []Document, vectors map[uint16]vector) []Document {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.behind == 0 {
		return now
	}
	shown := map[string]Document{}
	for _, d := range now {
		shown[d.Key] = d
	}
	behind := h.behind
	for _, c := range slices.Backward(h.last) {
		if c.Place != p {
			continue
		}
		if asked, ok := vectors[c.VBucket]; behind == 0 || ok && c.Seqno <= asked.seqno {
			break
		}
		behind--
		delete(shown, c.Key)
		if c.some {
			shown[c.Key] = c.was
		}
	}
	var all []Document
	for _, d := range shown {
		all = append(all, d)
	}
	return all
}

// readVectors reads what at_plus asks for: for each vbucket the number of a change
// and the UUID of the history that it is from.
func readVectors(given map[string]json.RawMessage) (map[uint16]vector, error) {
	if len(given) == 0 {
		return nil, sqlpp.Errorf(1050, "at_plus has no scan_vectors for the bucket of the query context")
	}
	vectors := map[uint16]vector{}
	for name, raw := range given {
		var pair []json.RawMessage
		var read vector
		var uuid string
		part, err := strconv.ParseUint(name, 10, 16)
		if err != nil || part >= vbuckets || json.Unmarshal(raw, &pair) != nil || len(pair) != 2 ||
			json.Unmarshal(pair[0], &read.seqno) != nil || json.Unmarshal(pair[1], &uuid) != nil {
			return nil, sqlpp.Errorf(1050, "the scan vector of vbucket %s is not [number, \"uuid\"]", name)
		}
		if read.history, err = strconv.ParseUint(uuid, 10, 64); err != nil {
			return nil, sqlpp.Errorf(1050, "the scan vector of vbucket %s is not [number, \"uuid\"]", name)
		}
		vectors[uint16(part)] = read
	}
	return vectors, nil
}
