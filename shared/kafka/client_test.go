package kafka_test

import (
	"sync"
	"testing"

	"github.com/api-endpoint-monitor/monitor/shared/kafka"
)

// TestClientClosedAtOnce closes a client from many sides at once, as the end of a
// context and a caller do.
func TestClientClosedAtOnce(t *testing.T) {
	t.Parallel()
	settings := fake(t)
	for range 20 {
		client, err := kafka.NewClient(settings)
		if err != nil {
			t.Fatal(err)
		}
		var closing sync.WaitGroup
		start := make(chan struct{})
		for range 16 {
			closing.Go(func() {
				<-start
				if err := client.Close(); err != nil {
					t.Errorf("close: got %v, want nil", err)
				}
			})
		}
		close(start)
		closing.Wait()
		if !client.Closed() {
			t.Fatal("the client is not closed")
		}
	}
}
