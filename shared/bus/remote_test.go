package bus_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/api-endpoint-monitor/monitor/shared/bus"
	"github.com/api-endpoint-monitor/monitor/shared/events"
)

// answered tells how often a function over HTTP was tried that answers so, and
// what became of the event: "" when it was acknowledged, else the code and
// message of its dead letter.
func answered(t *testing.T, answer http.HandlerFunc) (tries int32, fate string) {
	t.Helper()
	var count atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count.Add(1)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	options := wired(trigger("store", true, kindTest), trigger("next", true, "monitor.reply.v1"))
	for i := range options.Topology.Triggers {
		options.Topology.Triggers[i].Delivery.Retry = 2
		options.Topology.Triggers[i].Delivery.Delay = time.Millisecond
	}
	var letters log
	options.DeadLetter = func(_ context.Context, e events.Event) error {
		code, _ := e.Extensions()["knativeerrorcode"].(string)
		data, _ := e.Extensions()["knativeerrordata"].(string)
		label, _ := e.Extensions()["label"].(string)
		text, _ := base64.StdEncoding.DecodeString(data)
		letters.add(strings.TrimSpace(code + " " + string(text) + label))
		return nil
	}
	b := bus.New(options)
	if err := b.SubscribeURL("store", server.URL); err != nil {
		t.Fatal(err)
	}
	subscribe(t, b, "next", func(_ context.Context, in events.Event, _ events.Emit) error {
		letters.add("reply " + in.ID())
		return nil
	})
	if err := b.Emit(t.Context(), event("1", "a")); err != nil {
		t.Fatalf("emit: %v", err)
	}
	return count.Load(), strings.Join(letters.all(), ", ")
}

func TestRemote(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "why", code) }
	}
	reply := func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range map[string]string{
			"Ce-Specversion": "1.0", "Ce-Id": "r1", "Ce-Type": "monitor.reply.v1", "Ce-Source": "/s",
		} {
			w.Header().Set(name, value)
		}
		_, _ = w.Write([]byte("{}"))
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		tries  int32
		fate   string
	}{
		"2xx without a body acknowledges":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }, 1, ""},
		"an event in the answer is published": {reply, 1, "reply r1"},
		"any other body is a dead letter":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK")) }, 1, "200 OK"},
		"400 is not tried again":              {status(http.StatusBadRequest), 1, "400 why"},
		"413 is not tried again":              {status(http.StatusRequestEntityTooLarge), 1, "413 why"},
		"404 is tried again":                  {status(http.StatusNotFound), 3, "404 why"},
		"408 is tried again":                  {status(http.StatusRequestTimeout), 3, "408 why"},
		"409 is tried again":                  {status(http.StatusConflict), 3, "409 why"},
		"429 is tried again":                  {status(http.StatusTooManyRequests), 3, "429 why"},
		"500 is tried again":                  {status(http.StatusInternalServerError), 3, "500 why"},
		"503 is tried again":                  {status(http.StatusServiceUnavailable), 3, "503 why"},
		"a redirect is not followed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/x")
			w.WriteHeader(http.StatusFound)
		}, 1, "302"},
		"a broken connection has no code": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 3, ""},
		"a header kne-x is the attribute x": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("kne-label", "x")
			w.WriteHeader(http.StatusBadRequest)
		}, 1, "400 x"},
		"a long message is cut to 1024 bytes": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, strings.Repeat("x", 2000), 400) }, 1, "400 " + strings.Repeat("x", 1024)},
		"the request is a binary-mode event":  {wantBinary, 1, ""},
		"a header kne-reason that is no name ": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("kne-a-b", "x")
			w.WriteHeader(http.StatusBadRequest)
		}, 1, "400"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tries, fate := answered(t, test.answer)
			if tries != test.tries || fate != test.fate {
				t.Errorf("got %d tries, then %q; want %d, %q", tries, fate, test.tries, test.fate)
			}
		})
	}
}

func wantBinary(w http.ResponseWriter, r *http.Request) {
	want := map[string]string{"Ce-Id": "1", "Ce-Type": kindTest, "Ce-Partitionkey": "a", "Content-Type": "application/json"}
	for name, value := range want {
		if r.Header.Get(name) != value {
			http.Error(w, name+" is "+r.Header.Get(name), http.StatusBadRequest)
			return
		}
	}
}

func TestIngress(t *testing.T) {
	t.Parallel()
	b := bus.New(wired(trigger("store", true, kindTest)))
	subscribe(t, b, "store", func(_ context.Context, in events.Event, _ events.Emit) error { return nil })
	server := httptest.NewServer(b.Ingress())
	t.Cleanup(server.Close)
	got := map[string]int{}
	for name, headers := range map[string]map[string]string{
		"an event":    {"Ce-Specversion": "1.0", "Ce-Id": "1", "Ce-Type": kindTest, "Ce-Source": "/s"},
		"no event":    {"X-Something": "else"},
		"without ID":  {"Ce-Specversion": "1.0", "Ce-Type": kindTest, "Ce-Source": "/s"},
		"nobody asks": {"Ce-Specversion": "1.0", "Ce-Id": "1", "Ce-Type": "nobody", "Ce-Source": "/s"},
	} {
		got[name] = post(t, server.URL, headers)
	}
	want := map[string]int{"an event": 202, "no event": 400, "without ID": 400, "nobody asks": 202}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	stop := run(t, b)
	if err := stop(); err != nil {
		t.Errorf("stop: got %v, want nil", err)
	}
	if got := post(t, server.URL, map[string]string{"Ce-Specversion": "1.0", "Ce-Id": "1", "Ce-Type": kindTest, "Ce-Source": "/s"}); got != 503 {
		t.Errorf("after the end: got %d, want 503", got)
	}
}

func post(t *testing.T, address string, headers map[string]string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
