package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/api-endpoint-monitor/monitor/shared/monitor"
)

// TokenFile is the file in the data folder that holds the hash of the
// administrator's token. Whoever lost the token deletes the file: the next
// start makes a new one.
const TokenFile = "token.sha256"

const (
	hashSize    = sha256.Size
	tokenPrefix = "monitor_"
	tokenBytes  = 32
)

// openToken returns the hash in the folder, and the token itself if it was
// made just now. The hash is a plain SHA-256: a slow hash protects words that
// people choose, and 32 random bytes cannot be guessed however fast the hash.
func openToken(folder string) (fresh string, hash [hashSize]byte, err error) {
	path := filepath.Join(folder, TokenFile)
	hash, err = readHash(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return "", hash, err
	}
	fresh = newToken()
	hash = sha256.Sum256([]byte(fresh))
	err = writeHash(path, hash)
	if errors.Is(err, fs.ErrExist) {
		hash, err = readHash(path)
		fresh = ""
	}
	if err != nil {
		return "", [hashSize]byte{}, monitor.Wrap(monitor.Unavailable, err, "cannot keep the token's hash in %s", path)
	}
	return fresh, hash, nil
}

func newToken() string {
	secret := make([]byte, tokenBytes)
	_, _ = rand.Read(secret) // never fails: it ends the program instead
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(secret)
}

func readHash(path string) (hash [hashSize]byte, err error) {
	status, err := os.Stat(path)
	if err != nil {
		return hash, err
	}
	if status.Mode().Perm()&0o022 != 0 {
		return hash, monitor.Errorf(monitor.Invalid, "others may write to %s, and so choose the token: chmod 600 it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return hash, err
	}
	decoded, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(decoded) != hashSize {
		return hash, monitor.Errorf(monitor.Invalid, "%s holds no SHA-256 hash: delete it to get a new token at the next start", path)
	}
	copy(hash[:], decoded)
	return hash, nil
}

// writeHash makes the file whole or not at all; fs.ErrExist: it is there
// already.
func writeHash(path string, hash [hashSize]byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), TokenFile+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(hex.EncodeToString(hash[:]) + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Link(file.Name(), path)
}

// checkToken returns why the request's token is refused, or "" if it is right.
func (g Gate) checkToken(r *http.Request) string {
	given := r.Header.Values("Authorization")
	if len(given) == 0 {
		return "this needs the administrator's token: send it as Authorization: Bearer <token>"
	}
	scheme, token, _ := strings.Cut(given[0], " ")
	hash := sha256.Sum256([]byte(strings.TrimSpace(token)))
	right := subtle.ConstantTimeCompare(hash[:], g.hash[:]) == 1
	if len(given) > 1 || !strings.EqualFold(scheme, "Bearer") || !right {
		return "this is not the token of this monitor: use the one that it showed at its first start (lost? delete " + TokenFile + " in its data folder and start it again)"
	}
	return ""
}
