package look

import (
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// watch tells when the peers of idle connections close them. The system wakes
// it for nothing else: a watched connection costs no goroutine and no time.
type watch struct {
	epoll *os.File
	raw   syscall.RawConn // of epoll
	last  atomic.Uint64
	ended chan struct{}

	mu   sync.Mutex
	gone map[uint64]func()
}

func newWatch() (*watch, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	w := &watch{epoll: os.NewFile(uintptr(fd), "epoll"), ended: make(chan struct{}), gone: map[uint64]func(){}}
	if w.raw, err = w.epoll.SyscallConn(); err != nil {
		_ = w.epoll.Close()
		return nil, err
	}
	go w.run()
	return w, nil
}

// add calls gone once, from another goroutine, when the peer closes the
// connection or resets it. It returns how to stop waiting for that.
func (w *watch) add(conn net.Conn, gone func()) (stop func()) {
	tcp, ok := conn.(syscall.Conn)
	if !ok {
		return func() {}
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return func() {}
	}
	id := w.last.Add(1)
	w.mu.Lock()
	w.gone[id] = gone
	w.mu.Unlock()
	event := unix.EpollEvent{Events: unix.EPOLLRDHUP | unix.EPOLLET, Fd: int32(uint32(id)), Pad: int32(id >> 32)} //nolint:gosec // the two halves
	_ = w.raw.Control(func(epoll uintptr) {
		_ = raw.Control(func(fd uintptr) {
			_ = unix.EpollCtl(int(epoll), unix.EPOLL_CTL_ADD, int(fd), &event) // a connection that is closed already is not watched
		})
	})
	return func() { w.take(id) }
}

func (w *watch) take(id uint64) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	gone := w.gone[id]
	delete(w.gone, id)
	return gone
}

func (w *watch) run() {
	defer close(w.ended)
	events := make([]unix.EpollEvent, 128)
	for {
		count := 0
		err := w.raw.Read(func(fd uintptr) bool {
			n, err := unix.EpollWait(int(fd), events, 0)
			count = max(n, 0)
			return err != nil && err != unix.EINTR || count > 0
		})
		if err != nil || count == 0 {
			return // closed
		}
		for _, event := range events[:count] {
			id := uint64(uint32(event.Fd)) | uint64(uint32(event.Pad))<<32 //nolint:gosec // the two halves
			if gone := w.take(id); gone != nil {
				gone()
			}
		}
	}
}

func (w *watch) close() {
	_ = w.epoll.Close()
	<-w.ended
}
