package kafka

import (
	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
)

// generator returns what makes one side of a login by SCRAM (RFC 5802).
func generator(mechanism string) func() sarama.SCRAMClient {
	hash := scram.SHA512
	if mechanism == sarama.SASLTypeSCRAMSHA256 {
		hash = scram.SHA256
	}
	return func() sarama.SCRAMClient { return &scramClient{hash: hash} }
}

type scramClient struct {
	*scram.ClientConversation
	hash scram.HashGeneratorFcn
}

// Begin starts a login.
func (c *scramClient) Begin(user, password, authorization string) error {
	client, err := c.hash.NewClient(user, password, authorization)
	if err != nil {
		return err
	}
	c.ClientConversation = client.NewConversation()
	return nil
}
