package look_test

import (
	"net"
	"testing"

	"github.com/api-endpoint-monitor/monitor/functions/probe/look"
)

// TestWatch holds a watched connection to telling of its peer's end, and of
// nothing before that.
func TestWatch(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*testing.T, *net.TCPConn){
		"the peer closes": func(t *testing.T, peer *net.TCPConn) { t.Helper(); check(t, peer.Close()) },
		"the peer resets": func(t *testing.T, peer *net.TCPConn) {
			t.Helper()
			check(t, peer.SetLinger(0))
			check(t, peer.Close())
		},
		"the peer says all that it will": func(t *testing.T, peer *net.TCPConn) { t.Helper(); check(t, peer.CloseWrite()) },
	}
	w, err := look.NewWatch()
	check(t, err)
	t.Cleanup(w.Close)
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, peer := connection(t)
			gone := make(chan struct{})
			w.Add(ours, func() { close(gone) })
			_, err := peer.Write([]byte("hello"))
			check(t, err)
			_, err = ours.Read(make([]byte, 5))
			check(t, err)
			select {
			case <-gone:
				t.Fatal("what the peer says is no end")
			default:
			}
			end(t, peer)
			<-gone
		})
	}
}

func connection(t *testing.T) (ours, peer *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer func() { _ = listener.Close() }()
	dialed, err := net.Dial("tcp", listener.Addr().String())
	check(t, err)
	accepted, err := listener.Accept()
	check(t, err)
	t.Cleanup(func() { _ = dialed.Close(); _ = accepted.Close() })
	return dialed.(*net.TCPConn), accepted.(*net.TCPConn) //nolint:forcetypeassert // they are
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
