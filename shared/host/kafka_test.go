package host_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/api-endpoint-monitor/monitor/knative"
	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/host"
	"github.com/api-endpoint-monitor/monitor/shared/kafka"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
	"github.com/api-endpoint-monitor/monitor/shared/topology"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// onKafka sets the environment to a broker in this process, with the topics of
// the wiring unless they are to come later.
func onKafka(t *testing.T, pairs ...string) (createTopics func()) {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	environment(t, append([]string{
		"MONITOR_EVENTS", "kafka", "MONITOR_KAFKA_BROKERS", strings.Join(cluster.ListenAddrs(), ","),
	}, pairs...)...)
	return func() {
		t.Helper()
		var settings kafka.Settings
		if err := host.Load(&settings); err != nil {
			t.Fatal(err)
		}
		wiring, err := topology.Load(knative.Files, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := kafka.CreateTopics(t.Context(), settings, kafka.OnOneBroker(kafka.Topics(wiring))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKafkaSettings(t *testing.T) {
	t.Run("their faults are told with all others", func(t *testing.T) {
		environment(t, "MONITOR_EVENTS", "kafka", "K_SINK", "http://127.0.0.1:1", "MONITOR_SLOT", "ten",
			"MONITOR_KAFKA_TLS", "maybe", "MONITOR_KAFKA_MECHANISM", "magic")
		err := host.RunFunction(t.Context(), io.Discard, "store", build)
		if host.ExitCode(err) != 2 {
			t.Fatalf("got %v, want an invalid error", err)
		}
		for _, want := range []string{"MONITOR_SLOT: ", "K_SINK: must not be set", "MONITOR_KAFKA_TLS: ", "MONITOR_KAFKA_MECHANISM: must be"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want it to contain %q", err, want)
			}
		}
	})

	t.Run("are nobody's business where events do not travel by Kafka", func(t *testing.T) {
		environment(t, "MONITOR_KAFKA_TLS", "maybe", "MONITOR_KAFKA_BROKERS", "")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := host.RunFunction(ended, io.Discard, "store", build); err != nil {
			t.Errorf("got %v, want nil", err)
		}
	})

	t.Run("a slot that the wiring has not is refused", func(t *testing.T) {
		environment(t, "MONITOR_EVENTS", "kafka", "MONITOR_SLOT", "20s")
		err := host.RunFunction(t.Context(), io.Discard, "store", build)
		if host.ExitCode(err) != 2 || !strings.Contains(err.Error(), "its ticks must come every 20s") {
			t.Errorf("got %v, want an invalid error about the slot", err)
		}
	})
}

// TestKafkaFunction runs alert until it has handled an event, and then ends it
// while it has the next one in hand.
func TestKafkaFunction(t *testing.T) {
	onKafka(t)()
	var mu sync.Mutex
	var order []string
	note := func(what string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			what += " failed: " + string(monitor.CodeOf(err))
		}
		order = append(order, what)
	}
	tick := func(id string) events.Event {
		return events.New(events.TypeShardTick, events.Head{ID: id, Source: "test", Key: "1"}, &events.ShardTick{})
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	emitted := make(chan struct{})
	err := host.RunFunction(ctx, io.Discard, "alert", func(env host.Env) (events.Handler, error) {
		if !env.Holds() {
			t.Error("the host does not hold what a function is unavailable for, want it to")
		}
		env.Close(func() error {
			note("storage closes", nil)
			note("emit then", env.Emit(context.Background(), tick("3")))
			return nil
		})
		env.Background(func(ctx context.Context) error {
			note("emit of the background", env.Emit(ctx, tick("1")))
			close(emitted)
			<-ctx.Done()
			note("emit of the background at the end", env.Emit(context.WithoutCancel(ctx), tick("2")))
			return nil
		})
		return func(_ context.Context, in events.Event, emit events.Emit) error {
			if in.ID() != "1" {
				return nil
			}
			<-emitted
			stop()
			note("the handler emits at the end", emit(context.Background(), tick("4")))
			return nil
		}, nil
	})
	if err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
	want := []string{
		"emit of the background", "the handler emits at the end", "emit of the background at the end",
		"storage closes", "emit then failed: unavailable",
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// TestKafkaReady asks a function for its health while its topics are missing, and
// when they are there.
func TestKafkaReady(t *testing.T) {
	createTopics := onKafka(t)
	ctx, stop := context.WithCancel(t.Context())
	var out said
	ended := make(chan error, 1)
	go func() { ended <- host.RunFunction(ctx, &out, "alert", build) }()
	until(t, "the function listens", func() bool { return out.address() != "" })
	until(t, "the function says that there is no topic", func() bool {
		code, reason := health(out.address())
		return code == http.StatusServiceUnavailable && strings.Contains(reason, "Kafka has no topic monitor-events")
	})
	createTopics()
	until(t, "the function is ready", func() bool { code, _ := health(out.address()); return code == http.StatusOK })
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
}

// health returns what the process says of its readiness.
func health(addr string) (code int, reason string) {
	response, err := http.Get("http://" + addr + "/health/readiness")
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct{ Reason string }
	_ = json.NewDecoder(response.Body).Decode(&answer) // without one there is no reason
	return response.StatusCode, answer.Reason
}
