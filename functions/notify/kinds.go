package notify

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// ByKind returns a Send that hands each notice to the sender of its channel's
// kind. A channel of neither kind is Invalid.
func ByKind(slack, webhook Send) Send {
	return func(ctx context.Context, channel monitor.Channel, notice monitor.Notice) (string, error) {
		switch {
		case channel.Slack != nil:
			return slack(ctx, channel, notice)
		case channel.Webhook != nil:
			return webhook(ctx, channel, notice)
		default:
			return "", monitor.Errorf(monitor.Invalid, "channel %s says neither slack nor webhook", channel.Key())
		}
	}
}
