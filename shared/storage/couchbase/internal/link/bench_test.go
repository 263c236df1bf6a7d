package link_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/couchbase/gocb/v2"
	"github.com/couchbase/gocbcore/v10"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/couchbasetest"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/layout"
	"github.com/api-endpoint-monitor/monitor/shared/storage/couchbase/internal/link"
)

// alone asks the test's program to be a node, so that benchmarks measure the
// client and nothing else.
const alone = "COUCHBASE_NODE_ALONE"

func TestMain(m *testing.M) {
	if os.Getenv(alone) == "" {
		gocbcore.SetLogger(clientLog{})
		os.Exit(m.Run())
	}
	node, err := couchbasetest.New(couchbasetest.Options{Buckets: []couchbasetest.Bucket{{Name: bucket, Quota: 1024}}})
	if err == nil {
		err = node.Prepare(bucket)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(node.Address())
	_, _ = io.Copy(io.Discard, os.Stdin)
	node.Close()
}

// distant returns the states of a node in a process of its own.
func distant(b *testing.B, registry prometheus.Registerer) (*link.Link, *link.Collection) {
	b.Helper()
	program := exec.CommandContext(b.Context(), os.Args[0])
	program.Env = append(os.Environ(), alone+"=1")
	program.Stderr = os.Stderr
	hold, err := program.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := program.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := program.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = hold.Close(); _ = program.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	l := openWith(b, link.Settings{
		Address: strings.TrimSpace(address), User: couchbasetest.DefaultUser, Password: couchbasetest.DefaultPassword,
	}, link.Options{Registry: registry})
	return l, l.Collection(bucket, layout.Windows)
}

// spent measures the CPU time of this process for each of the operations that run
// does.
func spent(b *testing.B, operations int, run func()) {
	b.Helper()
	run()
	before := cpu(b)
	b.ResetTimer()
	for range b.N {
		run()
	}
	b.StopTimer()
	b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/1000/float64(b.N*operations), "cpu-µs/op")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// many is how many documents an operation of a benchmark is about.
const many = 500

func stored(b *testing.B, l *link.Link, in *link.Collection, size int) (keys []string) {
	b.Helper()
	var writes []link.Write
	for i := range many {
		keys = append(keys, fmt.Sprint("w:", i))
		writes = append(writes, link.Write{Key: keys[i], Body: sized(l, size)})
	}
	if err := in.SwapAll(b.Context(), writes, link.Majority); err != nil {
		b.Fatal(err)
	}
	return keys
}

// sized returns a document of about that many bytes, which compress as rows do.
func sized(l *link.Link, size int) []byte {
	rows := &strings.Builder{}
	for i := 0; rows.Len() < size; i++ {
		fmt.Fprintf(rows, "[%d,%d,200],", i*1000, 11000+i*7919%977)
	}
	return fmt.Appendf(nil, `{"by":%q,"rows":[%s0]}`, l.Stamp(), rows)
}

func inParallel(n int, do func(int)) {
	var wait sync.WaitGroup
	for worker := range 64 {
		wait.Go(func() {
			for i := worker; i < n; i += 64 {
				do(i)
			}
		})
	}
	wait.Wait()
}

func BenchmarkGet(b *testing.B) {
	for _, size := range []int{300, 4000, 20000} {
		l, windows := distant(b, prometheus.NewRegistry())
		keys := stored(b, l, windows, size)
		b.Run(fmt.Sprint("in bulk/", size), func(b *testing.B) {
			spent(b, many, func() {
				if _, err := windows.GetAll(b.Context(), keys); err != nil {
					b.Fatal(err)
				}
			})
		})
		b.Run(fmt.Sprint("side by side/", size), func(b *testing.B) {
			spent(b, many, func() {
				inParallel(many, func(i int) {
					if _, err := windows.Get(b.Context(), keys[i]); err != nil {
						b.Error(err)
					}
				})
			})
		})
		b.Run(fmt.Sprint("the client alone/", size), func(b *testing.B) {
			raw := l.Bucket(bucket).Scope(layout.Scope).Collection(layout.Windows)
			spent(b, many, func() {
				inParallel(many, func(i int) {
					if _, err := raw.Get(keys[i], &gocb.GetOptions{Context: b.Context(), Transcoder: gocb.NewRawJSONTranscoder()}); err != nil {
						b.Error(err)
					}
				})
			})
		})
	}
}

func BenchmarkSwap(b *testing.B) {
	for _, size := range []int{300, 4000, 20000} {
		l, windows := distant(b, prometheus.NewRegistry())
		keys := stored(b, l, windows, size)
		text := sized(l, size)
		for name, safety := range map[string]link.Safety{"majority": link.Majority, "active": link.Active} {
			b.Run(fmt.Sprint("side by side, ", name, "/", size), func(b *testing.B) {
				found, err := windows.GetAll(b.Context(), keys)
				if err != nil {
					b.Fatal(err)
				}
				spent(b, many, func() {
					inParallel(many, func(i int) {
						cas, err := windows.Swap(b.Context(), link.Write{Key: keys[i], Body: text, CAS: found[i].CAS, Expire: time.Now().Add(time.Hour)}, safety)
						if err != nil {
							b.Error(err)
						}
						found[i].CAS = cas
					})
				})
			})
		}
		b.Run(fmt.Sprint("in bulk, active/", size), func(b *testing.B) {
			raw := l.Bucket(bucket).Scope(layout.Scope).Collection(layout.Windows)
			spent(b, many, func() {
				operations := make([]gocb.BulkOp, many)
				for i := range operations {
					operations[i] = &gocb.UpsertOp{ID: keys[i], Value: text, Expiry: time.Hour}
				}
				if err := raw.Do(operations, &gocb.BulkOpOptions{Timeout: time.Minute, Transcoder: gocb.NewRawJSONTranscoder()}); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
