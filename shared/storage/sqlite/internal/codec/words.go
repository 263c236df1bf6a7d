package codec

import (
	"encoding/binary"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// known are the words that every blob may name without spelling them. Their
// places are part of the format: new ones go to the end.
var known = [...]string{
	"",
	string(monitor.Scheduled), string(monitor.Manual),
	string(monitor.Passed), string(monitor.OutcomeDegraded), string(monitor.Failed), string(monitor.OutcomeUnknown),
	string(monitor.FaultDNS), string(monitor.FaultRefused), string(monitor.FaultUnreachable),
	string(monitor.FaultReset), string(monitor.FaultTLS), string(monitor.FaultTimeout),
	string(monitor.FaultProtocol), string(monitor.FaultRedirects), string(monitor.FaultExpectation),
	string(monitor.FaultOverrun), string(monitor.FaultSkipped), string(monitor.FaultSecret),
	string(monitor.FaultObserver),
	"status", "latency", "certificate", "cel", "200-299",
}

// words is the dictionary of one blob while it is written.
type words struct {
	places map[string]int64
	own    []string // those that are not known, in order of their places

	lastWord  string
	lastPlace int64
}

func newWords() *words {
	w := &words{places: make(map[string]int64, 2*len(known))}
	w.reset()
	return w
}

func (w *words) reset() {
	if len(w.own) > 0 || len(w.places) == 0 {
		clear(w.places)
		for place, word := range known {
			w.places[word] = int64(place)
		}
	}
	w.own = w.own[:0]
	w.lastWord, w.lastPlace = "", 0
}

func (w *words) place(word string) int64 {
	if word == w.lastWord {
		return w.lastPlace
	}
	place, found := w.places[word]
	if !found {
		place = int64(len(known) + len(w.own))
		w.places[word] = place
		w.own = append(w.own, word)
	}
	w.lastWord, w.lastPlace = word, place
	return place
}

func (w *words) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(w.own)))
	for _, word := range w.own {
		dst = binary.AppendUvarint(dst, uint64(len(word)))
		dst = append(dst, word...)
	}
	return dst
}

// dictionary holds the words of a blob that is read, the known ones apart.
type dictionary []string

func (r *reader) dictionary() dictionary {
	count := r.count(len(r.rest))
	own := make(dictionary, 0, count)
	for range count {
		own = append(own, string(r.bytes(r.count(len(r.rest)))))
	}
	return own
}

func (r *reader) word(own dictionary, place int64) string {
	switch {
	case place >= 0 && place < int64(len(known)):
		return known[place]
	case place >= 0 && place-int64(len(known)) < int64(len(own)):
		return own[place-int64(len(known))]
	default:
		r.fail("a word that is not there")
		return ""
	}
}
