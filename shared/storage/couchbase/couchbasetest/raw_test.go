package couchbasetest_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/couchbase/gocbcore/v10/memd"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
)

// wire is a client without the SDK, for what the SDK does not send.
type wire struct {
	t      *testing.T
	socket net.Conn
	conn   *memd.Conn
	opaque uint32
}

func dial(t *testing.T, n *couchbasetest.Node) *wire {
	t.Helper()
	socket, err := net.Dial("tcp", strings.TrimPrefix(n.Address(), "couchbase://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	if err := socket.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &wire{t: t, socket: socket, conn: memd.NewConn(socket)}
}

// enter logs in, agrees to the features and selects the bucket monitor.
func (w *wire) enter(features ...memd.HelloFeature) *wire {
	w.t.Helper()
	var asked []byte
	for _, feature := range features {
		asked = binary.BigEndian.AppendUint16(asked, uint16(feature))
	}
	if granted := w.ask(memd.Packet{Command: memd.CmdHello, Value: asked}); !bytes.Equal(granted.Value, asked) {
		w.t.Fatalf("got the features %x, want %x", granted.Value, asked)
	}
	for _, feature := range features {
		w.conn.EnableFeature(feature)
	}
	for _, packet := range []memd.Packet{
		{Command: memd.CmdSASLAuth, Key: []byte("PLAIN"), Value: []byte("\x00Administrator\x00password")},
		{Command: memd.CmdSelectBucket, Key: []byte("monitor")},
	} {
		if reply := w.ask(packet); reply.Status != memd.StatusSuccess {
			w.t.Fatalf("got status %v of %s", reply.Status, packet.Command.Name())
		}
	}
	return w
}

func (w *wire) ask(packet memd.Packet) *memd.Packet {
	w.t.Helper()
	w.opaque++
	packet.Magic, packet.Opaque = memd.CmdMagicReq, w.opaque
	if err := w.conn.WritePacket(&packet); err != nil {
		w.t.Fatalf("write: %v", err)
	}
	reply, _, err := w.conn.ReadPacket()
	if err != nil {
		w.t.Fatalf("read the answer to %s: %v", packet.Command.Name(), err)
	}
	if reply.Opaque != w.opaque || reply.Command != packet.Command {
		w.t.Fatalf("got an answer to %s %d, want %s %d", reply.Command.Name(), reply.Opaque, packet.Command.Name(), w.opaque)
	}
	return reply
}

// collection asks for the ID of a collection of the scope monitor.
func (w *wire) collection(name string) uint32 {
	w.t.Helper()
	reply := w.ask(memd.Packet{Command: memd.CmdCollectionsGetID, Value: []byte("monitor." + name)})
	if reply.Status != memd.StatusSuccess || len(reply.Extras) != 12 {
		w.t.Fatalf("got status %v and %d bytes for the collection", reply.Status, len(reply.Extras))
	}
	return binary.BigEndian.Uint32(reply.Extras[8:])
}

// of returns a packet for a document: the request of a client that routes as the
// protocol says.
func of(op memd.CmdCode, collection uint32, key, value string, extras ...uint32) memd.Packet {
	p := memd.Packet{
		Command: op, CollectionID: collection, Key: []byte(key), Value: []byte(value),
		Vbucket: uint16(crc32.ChecksumIEEE([]byte(key))>>16&0x7fff) % 1024,
	}
	for _, extra := range extras {
		p.Extras = binary.BigEndian.AppendUint32(p.Extras, extra)
	}
	return p
}

func TestRequestsOutOfOrderAreRefused(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	w := dial(t, n)
	if got := w.ask(memd.Packet{Command: memd.CmdSelectBucket, Key: []byte("monitor")}).Status; got != memd.StatusAccessError {
		t.Errorf("got status %v before the login, want no access", got)
	}
	w.enter(memd.FeatureCollections)
	tail := w.collection("tail")
	tests := map[string]struct {
		packet memd.Packet
		want   memd.StatusCode
	}{
		"a wrong vbucket":          {wrongVBucket(of(memd.CmdGet, tail, "k", "")), memd.StatusNotMyVBucket},
		"an unknown collection":    {of(memd.CmdGet, 99, "k", ""), memd.StatusCollectionUnknown},
		"a key of 247 bytes":       {of(memd.CmdGet, tail, strings.Repeat("k", 247), ""), memd.StatusInvalidArgs},
		"a write without extras":   {of(memd.CmdSet, tail, "k", "v"), memd.StatusInvalidArgs},
		"an insert with a CAS":     {withCAS(of(memd.CmdAdd, tail, "k", "v", 0, 0), 1), memd.StatusInvalidArgs},
		"a swap of what is absent": {withCAS(of(memd.CmdSet, tail, "k", "v", 0, 0), 1), memd.StatusKeyNotFound},
		"compressed bytes":         {compressed(of(memd.CmdSet, tail, "k", "v", 0, 0)), memd.StatusInvalidArgs},
		"an unknown command":       {memd.Packet{Command: memd.CmdStat}, memd.StatusUnknownCommand},
		"a collection by no name":  {memd.Packet{Command: memd.CmdCollectionsGetID, Value: []byte("monitor.none")}, memd.StatusCollectionUnknown},
		"a scope by no name":       {memd.Packet{Command: memd.CmdCollectionsGetID, Value: []byte("none.tail")}, memd.StatusScopeUnknown},
		"half a name":              {memd.Packet{Command: memd.CmdCollectionsGetID, Value: []byte("monitor")}, memd.StatusInvalidArgs},
		"an unknown bucket":        {memd.Packet{Command: memd.CmdSelectBucket, Key: []byte("none")}, memd.StatusKeyNotFound},
		"a counter":                {of(memd.CmdIncrement, tail, "k", ""), memd.StatusUnknownCommand},
	}
	for name, test := range tests {
		if got := w.ask(test.packet); got.Status != test.want {
			t.Errorf("%s: got status %v, want %v", name, got.Status, test.want)
		}
	}
	if got := w.ask(of(memd.CmdGet, tail, strings.Repeat("k", 246), "")).Status; got != memd.StatusKeyNotFound {
		t.Errorf("got status %v of a key of 246 bytes, want not found", got)
	}
	manifest, err := n.Documents().Manifest("monitor")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"manifest_uid":"%x"}`, manifest.UID)
	if got := w.ask(of(memd.CmdGet, 99, "k", "")); string(got.Value) != want {
		t.Errorf("got %q with an unknown collection, want %s", got.Value, want)
	}
	if got := w.ask(wrongVBucket(of(memd.CmdGet, tail, "k", ""))); !bytes.Contains(got.Value, []byte(`"vBucketServerMap"`)) {
		t.Errorf("got %q with not-my-vbucket, want a configuration", got.Value)
	}
}

func TestTheFirstConfigurationsCountUp(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	w := dial(t, n).enter()
	var got []int64
	for range 5 {
		var config struct {
			Rev int64 `json:"rev"`
		}
		if err := json.Unmarshal(w.ask(memd.Packet{Command: memd.CmdGetClusterConfig}).Value, &config); err != nil {
			t.Fatal(err)
		}
		got = append(got, config.Rev)
	}
	if got[0] >= got[1] || got[1] >= got[2] || got[2] != got[3] || got[3] != got[4] {
		t.Errorf("got the revisions %v, want two that rise and then the same", got)
	}
}

func wrongVBucket(p memd.Packet) memd.Packet { p.Vbucket ^= 1; return p }

func withCAS(p memd.Packet, cas uint64) memd.Packet { p.Cas = cas; return p }

func compressed(p memd.Packet) memd.Packet {
	p.Datatype = uint8(memd.DatatypeFlagCompressed)
	return p
}

func TestPacketsThatCannotBeBreakTheirConnectionOnly(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	header := func(magic, first, second, extras byte, body uint32) []byte {
		packet := make([]byte, 24)
		packet[0], packet[2], packet[3], packet[4] = magic, first, second, extras
		binary.BigEndian.PutUint32(packet[8:], body)
		return packet
	}
	tests := map[string][]byte{
		"another protocol":               []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"an answer":                      header(0x81, 0, 0, 0, 0),
		"a body of 22 MB":                header(0x80, 0, 0, 0, 22<<20),
		"a key beyond the body":          header(0x80, 0, 9, 0, 8),
		"extras beyond the body":         header(0x80, 0, 0, 9, 8),
		"frames beyond the body":         header(0x08, 9, 0, 0, 8),
		"a frame beyond the frames":      append(header(0x08, 1, 0, 0, 1), 0x13),
		"a long frame without length":    append(header(0x08, 1, 0, 0, 1), 0x1f),
		"a long type without type":       append(header(0x08, 1, 0, 0, 1), 0xf0),
		"a long frame beyond the frames": append(header(0x08, 2, 0, 0, 2), 0x1f, 0x01),
	}
	for name, packet := range tests {
		w := dial(t, n)
		if _, err := w.socket.Write(packet); err != nil {
			t.Fatal(err)
		}
		if _, err := w.socket.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: got %v of a read, want the connection broken", name, err)
		}
	}
	dial(t, n).enter()
}

func TestTokensAndDurationsAreSentToThoseWhoAsk(t *testing.T) {
	t.Parallel()
	n := couchbasetest.Prepared(t, couchbasetest.Options{})
	plain := dial(t, n).enter(memd.FeatureCollections)
	tail := plain.collection("tail")
	if got := plain.ask(of(memd.CmdSet, tail, "k", "v", 0, 0)); len(got.Extras) != 0 || got.ServerDurationFrame != nil {
		t.Errorf("got %d bytes of a token and the duration %v unasked", len(got.Extras), got.ServerDurationFrame)
	}
	w := dial(t, n).enter(memd.FeatureCollections, memd.FeatureSeqNo, memd.FeatureDurations)
	var tokens [][]byte
	for range 2 {
		got := w.ask(of(memd.CmdSet, tail, "k", "v", 0, 0))
		if len(got.Extras) != 16 || got.ServerDurationFrame == nil {
			t.Fatalf("got %d bytes of a token and the duration %v, want 16 and one", len(got.Extras), got.ServerDurationFrame)
		}
		tokens = append(tokens, slices.Clone(got.Extras))
	}
	if !bytes.Equal(tokens[0][:8], tokens[1][:8]) {
		t.Errorf("got the histories %x and %x, want one", tokens[0][:8], tokens[1][:8])
	}
	first, second := binary.BigEndian.Uint64(tokens[0][8:]), binary.BigEndian.Uint64(tokens[1][8:])
	if first != 2 || second != 3 {
		t.Errorf("got the changes %d and %d of the vbucket, want 2 and 3", first, second)
	}
}
