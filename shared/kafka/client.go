package kafka

import (
	"sync"

	"github.com/IBM/sarama"
)

// client is one of sarama's whose Close several may call at once: whoever uses
// it, and whoever cuts its requests because their time is over. Sarama's own
// panics then.
type client struct {
	sarama.Client
	close func() error
}

func newClient(settings Settings, config *sarama.Config) (sarama.Client, error) {
	connected, err := sarama.NewClient(settings.Brokers, config)
	if err != nil {
		return nil, err
	}
	return &client{connected, sync.OnceValue(connected.Close)}, nil
}

// Close disconnects, and returns once that is done. Its requests fail from then on.
func (c *client) Close() error { return c.close() }
