// Command faults kills the monitor again and again, at random moments and in
// the middle of folding, deciding and telling, and then keeps the books: what
// the targets saw, what is stored, what was decided and what was told.
//
// It prints one table and ends with status 1 if a promise was broken.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/host"
)

func main() { host.Main(program) }

func program(ctx context.Context) error {
	p := plan{}
	flag.IntVar(&p.kills, "kills", 50, "how often the process is killed")
	flag.IntVar(&p.endpoints, "endpoints", 400, "endpoints that are watched")
	flag.DurationVar(&p.interval, "interval", 300*time.Millisecond, "time between two checks of one endpoint")
	flag.DurationVar(&p.life, "life", 6*time.Second, "the longest life of a process before its end is prepared")
	flag.DurationVar(&p.outageEvery, "outages", 700*time.Millisecond, "time between the beginnings of two outages")
	flag.StringVar(&p.store, "store", inFile, "what the monitor keeps everything in: sqlite, or couchbase for a stand-in of a cluster")
	flag.StringVar(&p.only, "aim", "", "take only the aims whose names begin so, such as decide")
	flag.BoolVar(&p.hasty, "hasty", false, "do not wait for the leases that kills have left")
	flag.StringVar(&p.program, "program", "", "the monitor to kill; empty: it is built")
	flag.Parse()
	p.say = func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		return err
	}
	books, err := p.run(ctx, ".", dir)
	if err != nil {
		return fmt.Errorf("%w; the data are in %s", err, dir)
	}
	verdict := books.judge()
	fmt.Print(verdict.table())
	if broken := verdict.broken(); broken > 0 {
		return fmt.Errorf("%d promises were broken; the data are in %s", broken, dir)
	}
	return os.RemoveAll(dir)
}
