package notify

import (
	"context"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// ByKind returns a Send that hands each notice to the sender of its channel's
// kind. A channel of neither kind is Invalid.
func ByKind(slack, webhook Send) Send {
	return func(ctx context.Context, delivery monitor.Delivery) (string, error) {
		switch channel := delivery.Channel; {
		case channel.Slack != nil:
			return slack(ctx, delivery)
		case channel.Webhook != nil:
			return webhook(ctx, delivery)
		default:
			return "", monitor.Errorf(monitor.Invalid, "channel %s says neither slack nor webhook", channel.Key())
		}
	}
}
