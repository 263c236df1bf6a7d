package bus

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/api-endpoint-monitor/monitor/shared/events"
	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// direct delivers to a handler in this process.
func (b *Bus) direct(function string, handler events.Handler) subscriber {
	return func(ctx context.Context, d *delivery) *failure {
		err := call(ctx, handler, d.event, func(ctx context.Context, out ...events.Event) error {
			return b.publish(ctx, d.hops+1, out)
		})
		if err == nil {
			return nil
		}
		answer := events.AnswerTo(err)
		return &failure{
			answer: answer, to: "/functions/" + function, cause: err,
			extensions: map[string]string{extensionReason: answer.Reason},
			final:      !events.TriedAgain(answer.Status),
		}
	}
}

func call(ctx context.Context, handler events.Handler, in events.Event, emit events.Emit) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = monitor.Wrap(monitor.Internal, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()), "the handler panicked")
		}
	}()
	return handler(ctx, in, emit)
}
