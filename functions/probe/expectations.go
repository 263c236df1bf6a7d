package probe

import (
	"encoding/json"
	"runtime"
	"sync"
	"weak"

	"github.com/api-endpoint-monitor/monitor/shared/expect"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// expectations are compiled once for all endpoints that expect the same, which
// are mostly many, and kept for as long as one of them does.
type expectations struct {
	mu    sync.Mutex
	known map[string]weak.Pointer[expect.Expectation] // by the JSON of what is expected
}

func newExpectations() *expectations {
	return &expectations{known: map[string]weak.Pointer[expect.Expectation]{}}
}

// compile returns what is expected. Its error is Invalid.
func (x *expectations) compile(want monitor.Expect) (*expect.Expectation, error) {
	text, err := json.Marshal(want)
	if err != nil {
		return expect.Compile(want) // which says what is wrong with it
	}
	key := string(text)
	x.mu.Lock()
	defer x.mu.Unlock()
	if known := x.known[key].Value(); known != nil {
		return known, nil
	}
	fresh, err := expect.Compile(want)
	if err == nil {
		x.known[key] = weak.Make(fresh)
		runtime.AddCleanup(fresh, x.forget, key)
	}
	return fresh, err
}

// forget is called once nobody expects that any more.
func (x *expectations) forget(key string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.known[key].Value() == nil {
		delete(x.known, key)
	}
}
