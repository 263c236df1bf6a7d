package broker

import (
	"crypto/rand"

	"github.com/IBM/sarama"
)

// SetPassword makes the user, who logs in by SCRAM-SHA-512, and changes the password of
// one that is there.
func (b *Broker) SetPassword(user, password string) error {
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	admin, err := sarama.NewClusterAdmin([]string{b.Plain}, config)
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close() }()
	results, err := admin.UpsertUserScramCredentials([]sarama.AlterUserScramCredentialsUpsert{{
		Name: user, Mechanism: sarama.SCRAM_MECHANISM_SHA_512, Iterations: 4096, Salt: []byte(rand.Text()), Password: []byte(password),
	}})
	if err != nil {
		return err
	}
	for _, one := range results {
		if one.ErrorCode != sarama.ErrNoError {
			return one.ErrorCode
		}
	}
	return nil
}
