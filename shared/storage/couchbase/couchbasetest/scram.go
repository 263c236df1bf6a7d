package couchbasetest

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // one of the protocol's mechanisms
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
)

// iterations is few: these logins guard nothing.
const iterations = 64

// mechanisms are the ways to log in, the best first.
func mechanisms() []string { return []string{"SCRAM-SHA512", "SCRAM-SHA256", "SCRAM-SHA1", "PLAIN"} }

func hashOf(mechanism string) func() hash.Hash {
	switch mechanism {
	case "SCRAM-SHA512":
		return sha512.New
	case "SCRAM-SHA256":
		return sha256.New
	case "SCRAM-SHA1":
		return sha1.New
	}
	return nil
}

// exchange is a login by SCRAM (RFC 5802) that waits for the client's proof.
type exchange struct {
	user      string
	hash      func() hash.Hash
	salted    []byte
	nonce     string
	exchanged string // both first messages
}

// challenge answers the client's first message.
func (n *Node) challenge(mechanism, message string) (*exchange, string, bool) {
	newHash := hashOf(mechanism)
	bare, ok := strings.CutPrefix(message, "n,,")
	if newHash == nil || !ok {
		return nil, "", false
	}
	user := strings.NewReplacer("=2C", ",", "=3D", "=").Replace(attribute(bare, "n"))
	password, ok := n.password(user)
	if !ok {
		return nil, "", false
	}
	var salt, own [16]byte
	_, _ = rand.Read(salt[:])
	_, _ = rand.Read(own[:])
	salted, err := pbkdf2.Key(newHash, password, salt[:], iterations, newHash().Size())
	if err != nil {
		return nil, "", false
	}
	nonce := attribute(bare, "r") + base64.StdEncoding.EncodeToString(own[:])
	reply := fmt.Sprintf("r=%s,s=%s,i=%d", nonce, base64.StdEncoding.EncodeToString(salt[:]), iterations)
	return &exchange{user: user, hash: newHash, salted: salted, nonce: nonce, exchanged: bare + "," + reply}, reply, true
}

// verify checks the client's proof and returns the server's signature.
func (e *exchange) verify(message string) (string, bool) {
	bare, _, ok := strings.Cut(message, ",p=")
	if !ok || attribute(message, "r") != e.nonce {
		return "", false
	}
	exchanged := e.exchanged + "," + bare
	clientKey := e.mac(e.salted, "Client Key")
	stored := e.hash()
	stored.Write(clientKey)
	proof := e.mac(stored.Sum(nil), exchanged)
	for i := range proof {
		proof[i] ^= clientKey[i]
	}
	given, err := base64.StdEncoding.DecodeString(attribute(message, "p"))
	if err != nil || !hmac.Equal(given, proof) {
		return "", false
	}
	signature := e.mac(e.mac(e.salted, "Server Key"), exchanged)
	return "v=" + base64.StdEncoding.EncodeToString(signature), true
}

func (e *exchange) mac(key []byte, text string) []byte {
	m := hmac.New(e.hash, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// attribute returns the value after name= in a message.
func attribute(message, name string) string {
	for field := range strings.SplitSeq(message, ",") {
		if value, ok := strings.CutPrefix(field, name+"="); ok {
			return value
		}
	}
	return ""
}
