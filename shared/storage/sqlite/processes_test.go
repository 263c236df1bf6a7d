package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/storage/sqlite"
	"github.com/api-endpoint-monitor/monitor/shared/storage/storagetest"
)

// writeTo names, in the environment, the database that a process of this test
// is to write to until it is killed.
const writeTo = "MONITOR_TEST_WRITE_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(writeTo); path != "" {
		fmt.Fprintln(os.Stderr, writeOn(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeOn appends rows and prints the number of each one that is acknowledged.
func writeOn(path string) error {
	store, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	for n := 0; err == nil; n++ {
		err = store.AppendTail(context.Background(), 0, now, fmt.Appendf(nil, "row %d", n))
		fmt.Println(n)
	}
	return err
}

func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "monitor.db")
	for round := range 3 {
		process := exec.CommandContext(t.Context(), os.Args[0])
		process.Env = append(os.Environ(), writeTo+"="+path)
		output := must(process.StdoutPipe())(t)
		check(t, process.Start())
		lines := bufio.NewScanner(output)
		acknowledged := 0
		for acknowledged < 300 && lines.Scan() {
			acknowledged++
		}
		check(t, process.Process.Kill())
		for lines.Scan() {
			acknowledged++
		}
		_ = process.Wait() // it was killed

		store := openAt(t, path, sqlite.Options{})
		rows := must(store.TailRows(t.Context(), 0, 0, 1<<20))(t)
		check(t, store.Close())
		found := 0
		for _, row := range rows {
			if !strings.HasPrefix(string(row.Data), "row ") {
				t.Fatalf("got row %q, want one that was written", row.Data)
			}
			found++
		}
		if found < acknowledged || acknowledged == 0 {
			t.Errorf("round %d: got %d rows, want the %d that were acknowledged", round, found, acknowledged)
		}
		check(t, os.Remove(path))
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	t.Run("many may open a new file at once", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "monitor.db")
		for _, err := range storagetest.Together(8, func(i int) error {
			store, err := sqlite.Open(t.Context(), path, sqlite.Options{Busy: time.Minute})
			if err != nil {
				return err
			}
			return errors.Join(store.AppendTail(t.Context(), i, now, []byte("row")), store.Close())
		}) {
			check(t, err)
		}
	})
	t.Run("two stores of one file see each other's writes, and one wins", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "monitor.db")
		stores := make([]*sqlite.Store, 2)
		for i := range stores {
			stores[i] = openAt(t, path, sqlite.Options{Busy: time.Minute})
			defer func() { check(t, stores[i].Close()) }()
		}
		winners := 0
		errs := storagetest.Together(40, func(i int) error {
			store := stores[i%2]
			if err := store.AppendTail(t.Context(), 0, now, []byte("row")); err != nil {
				return err
			}
			_, err := store.SaveClaim(t.Context(), monitor.Claim{Slot: now, Run: fmt.Sprint(i)})
			return err
		})
		for _, err := range errs {
			if err == nil {
				winners++
			} else if !errors.Is(err, monitor.Conflict) {
				t.Errorf("got error %v, want code %s", err, monitor.Conflict)
			}
		}
		if winners != 1 {
			t.Errorf("got %d winners, want 1", winners)
		}
		for _, store := range stores {
			if rows := must(store.TailRows(t.Context(), 0, 0, 100))(t); len(rows) != 40 {
				t.Errorf("got %d rows, want 40", len(rows))
			}
		}
	})
}
