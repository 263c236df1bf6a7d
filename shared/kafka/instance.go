package kafka

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"github.com/api-endpoint-monitor/monitor/shared/telemetry"
)

// isInstance reports whether the text can name a static member (KIP-345).
func isInstance(text string) bool {
	foreign := strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
	return text != "" && len(text) <= 249 && !foreign && text != "." && text != ".."
}

// askName is how often a member that was replaced asks whether its name is free.
const askName = 3 * time.Second

// awaitName waits while another process has this member's name. Kafka lets the
// one in that came last: if this one joined again, they would take the
// partitions from each other for ever.
func (t *trigger) awaitName(ctx context.Context) {
	for {
		taken, err := t.taken(ctx)
		if err == nil && !taken || ctx.Err() != nil {
			return
		}
		if taken {
			t.consumer.options.Log.Debug("another process has the name of this member, waiting", telemetry.KeyTrigger, t.Name)
		}
		if err != nil {
			t.consumer.options.Log.Debug("Kafka does not tell the members of a group", telemetry.KeyTrigger, t.Name, telemetry.KeyError, t.subject.explain(err))
		}
		pause(ctx, askName)
	}
}

// taken reports whether the group has a member of this one's name, which it has
// left itself.
func (t *trigger) taken(ctx context.Context) (bool, error) {
	config, err := t.subject.settings.config("monitor")
	if err != nil {
		return false, err
	}
	endWith(ctx, config)
	client, err := newClient(t.subject.settings, config)
	if err != nil {
		return false, err
	}
	defer func() { _ = client.Close() }() // it was only asked
	coordinator, err := client.Coordinator(t.subject.group)
	if err != nil {
		return false, err
	}
	response, err := coordinator.DescribeGroups(&sarama.DescribeGroupsRequest{Version: 4, Groups: []string{t.subject.group}})
	if err != nil {
		return false, err
	}
	for _, group := range response.Groups {
		if !errors.Is(group.Err, sarama.ErrNoError) {
			return false, group.Err
		}
		for _, member := range group.Members {
			if member.GroupInstanceId != nil && *member.GroupInstanceId == t.subject.settings.Instance {
				return true, nil
			}
		}
	}
	return false, nil
}
